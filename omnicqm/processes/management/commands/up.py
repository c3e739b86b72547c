import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from omnicqm.processes.children import die_with_parent
from omnicqm.processes.progress import Progress
from omnicqm.processes.services import Installation
from omnicqm.processes.startup import installation_run


class Command(BaseCommand):
    help = "Start the whole installation in the foreground: embedded servers, web, worker, scheduler. Ctrl-C stops it."
    requires_system_checks = []  # the servers they ask do not run yet; `prepare` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the calling program ends")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["stop_with_parent"]:
            die_with_parent(signal.SIGTERM)
        installation_run(_installation(), Progress())


def _installation() -> Installation:
    return Installation(
        project=settings.BASE_DIR,
        home=settings.OMNICQM_HOME,
        port=settings.OMNICQM_PORT,
        base_url=settings.OMNICQM_BASE_URL,
        redis_url=settings.REDIS_URL,
        embedded_postgres=settings.EMBEDDED_POSTGRES,
        embedded_valkey=settings.EMBEDDED_VALKEY,
        demo=settings.OMNICQM_DEMO,
    )
