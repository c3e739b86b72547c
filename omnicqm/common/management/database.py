"""The base of our commands that work on the database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from omnicqm.common.database import database_check


class DatabaseCommand(BaseCommand):
    """Says at once, in a sentence, when the database does not answer."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises `omnicqm.common.errors.ServiceUnavailable`, which `manage.py` prints."""
        start = "Start the system with 'make run'."
        remedy = start if settings.EMBEDDED_POSTGRES else "Start it, or correct DATABASE_URL."
        database_check(settings.DATABASE_URL, remedy=remedy)
        return super().execute(*args, **options)
