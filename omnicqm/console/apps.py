from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in


class ConsoleConfig(AppConfig):
    name = "omnicqm.console"

    def ready(self) -> None:
        """Call what a library brings by our words, wherever the console names it, and hear of the sign-in's locks."""
        apps.get_app_config("oauth2_provider").verbose_name = "Access"
        options = apps.get_model("oauth2_provider", "Application")._meta
        options.verbose_name, options.verbose_name_plural = "API client", "API clients"
        apps.get_app_config("axes").verbose_name = "Access"
        attempts: Any = apps.get_model("axes", "AccessAttempt")._meta
        attempts.verbose_name, attempts.verbose_name_plural = "wrong password", "wrong passwords"
        _signals_connect()


def _signals_connect() -> None:
    from axes.signals import user_locked_out

    from omnicqm.console.accounts.locks import lock_forgotten, lock_noted

    user_locked_out.connect(lock_noted, dispatch_uid="omnicqm lock noted")
    user_logged_in.connect(lock_forgotten, dispatch_uid="omnicqm lock forgotten")
