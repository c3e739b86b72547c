from django.apps import AppConfig, apps


class ConsoleConfig(AppConfig):
    name = "omnicqm.console"

    def ready(self) -> None:
        """Call what a library brings by our words, wherever the console names it."""
        apps.get_app_config("oauth2_provider").verbose_name = "Access"
        options = apps.get_model("oauth2_provider", "Application")._meta
        options.verbose_name, options.verbose_name_plural = "API client", "API clients"
