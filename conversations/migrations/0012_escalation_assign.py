from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0011_people_only"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="escalation",
            options={
                "ordering": ["due_at"],
                "permissions": [("assign_escalation", "Can give escalations to others")],
            },
        ),
    ]
