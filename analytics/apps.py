from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AnalyticsConfig(AppConfig):
    name = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import analytics.checks  # noqa: F401 - registers them
        from analytics.reporting.schema import after_migrating, before_migrating

        pre_migrate.connect(before_migrating, sender=self, dispatch_uid="analytics views")
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="analytics views")
