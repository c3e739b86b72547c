"""``manage.py demo_history``: the demo's 90 days of invented facts."""

from argparse import ArgumentParser
from typing import Any

from omnicqm.common.management.database import DatabaseCommand
from omnicqm.demo.history import history_load, history_remove


class Command(DatabaseCommand):
    help = "Load the demo's 90 days of invented facts for the dashboards, or take them away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--remove", action="store_true", help="take them away")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.stdout.write(f"{history_remove()} invented facts removed.")
        else:
            self.stdout.write(f"{history_load()} invented cases.")
