"""``manage.py export_metrics``: the catalogue as in ``docs/metrics.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from analytics.catalogue.documentation import catalogue_document


class Command(BaseCommand):
    help = "Print the metric catalogue as a page, as it is in docs/metrics.md."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(catalogue_document(), ending="")
