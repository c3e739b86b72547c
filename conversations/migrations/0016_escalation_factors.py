from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0015_channel_shadow"),
    ]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="factors",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="names of the factors that the agent has seen; the packet says more about each",
            ),
        ),
    ]
