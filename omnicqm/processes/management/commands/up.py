import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Start the whole installation in the foreground: embedded servers, web, worker, scheduler. Ctrl-C stops it."
    requires_system_checks = []  # the servers they ask do not run yet; `prepare` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the calling program ends")
        parser.add_argument("--simulated-model", action="store_true", help="a simulator in the place of Bedrock")
        parser.add_argument("--mlflow-ui", action="store_true", help="MLflow's pages over the traces")

    def handle(self, *args: Any, **options: Any) -> None:
        known = ("stop_with_parent", "simulated_model", "mlflow_ui")
        flags = [f"--{name.replace('_', '-')}" for name in known if options[name]]
        os.environ["OMNICQM_HOME"] = str(settings.OMNICQM_HOME)  # it may be relative to where we are now
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "omnicqm.processes", *flags])  # noqa: S606
