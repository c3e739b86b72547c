from django.db import migrations, models

_SCOPES = """
UPDATE analytics_attemptfact
SET scope = CASE WHEN channel <> '' THEN 'channel:' || channel WHEN area = 'insight' THEN 'insights' ELSE area END
WHERE is_demo"""
_BUILD_ANEW = "UPDATE analytics_factsstate SET through = NULL"  # facts from before have neither


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0003_pins"),
    ]

    operations = [
        migrations.AddField(
            model_name="insightfact",
            name="rating_reason",
            field=models.CharField(blank=True, db_default="", help_text="why it was not helpful", max_length=40),
        ),
        migrations.AddField(
            model_name="attemptfact",
            name="scope",
            field=models.CharField(blank=True, db_default="", help_text="whose budget it was taken from", max_length=60),
        ),
        migrations.RunSQL([_SCOPES, _BUILD_ANEW], migrations.RunSQL.noop),
    ]
