from django.db import migrations

EARLIER = {
    'queries:write',
    'queries:read',
    'conversations:read',
    'customers:read',
    'customers:write',
    'knowledge:read',
    'knowledge:write',
}
NEW = {'interactions:write', 'insights:read', 'feedback:write'}


def demo_client_keep_up(apps, schema_editor):
    """The demo's client may do everything, so it may do what is new. Other clients get only what people grant them."""
    for grant in apps.get_model('common', 'ClientGrant').objects.filter(application__name='Demo'):
        if EARLIER <= set(grant.scopes):
            grant.scopes = sorted(NEW.union(grant.scopes))
            grant.save(update_fields=['scopes'])


class Migration(migrations.Migration):

    dependencies = [
        ('common', '0003_attempt_money'),
    ]

    operations = [
        migrations.RunPython(demo_client_keep_up, migrations.RunPython.noop),
    ]
