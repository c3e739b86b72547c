from typing import Any

from django.conf import settings
from django.core.management import call_command

from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.backends import backend_get
from omnicqm.common.management.database import DatabaseCommand
from omnicqm.console.prompts import prompts_remember
from omnicqm.console.roles import groups_ensure
from omnicqm.processes.progress import Progress


class Command(DatabaseCommand):
    help = "Bring database, static files and embedding model up to this release. `up` does it at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        with progress.step("Database tables"):
            call_command("migrate", interactive=False, verbosity=0)
            channels_ensure_defaults()
            groups_ensure()
            prompts_remember()
        with progress.step("Static files"):
            call_command("collectstatic", interactive=False, verbosity=0)
        with progress.step("Embedding model"):
            for alias in {"local", settings.EMBEDDINGS}:  # the embedded engine reads with the local one in any case
                backend_get("EMBEDDERS", alias).prepare()
