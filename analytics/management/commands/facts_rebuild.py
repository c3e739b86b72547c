"""``manage.py facts_rebuild``: build all facts anew, for example after rows were imported or dated back."""

from typing import Any

from analytics.facts.services import facts_rebuild
from omnicqm.common.management.database import DatabaseCommand


class Command(DatabaseCommand):
    help = "Build the facts that dashboards and the analyst read anew, from everything that is there now."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{facts_rebuild()} facts written.")
