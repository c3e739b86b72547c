"""``manage.py demo_load``: fill an installation with the demo company and a day of its conversations."""

from typing import Any

from django.core.management.base import CommandError

from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand
from omnicqm.demo.loading import demo_load
from omnicqm.processes.progress import Progress


class Command(DatabaseCommand):
    help = "Load the demo: a fictional furniture retailer, its articles, customers and a day of conversations."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo_load(step=Progress().step)
        except OmniError as error:
            raise CommandError(error.message) from error
