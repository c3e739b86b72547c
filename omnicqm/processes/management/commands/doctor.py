import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand

from omnicqm.processes.doctor import EXAMINATIONS, Finding, Outcome, examine


class Command(BaseCommand):
    help = "Examine every part of the installation, one line each. Exit code 1 when one fails."
    requires_system_checks = []  # they are one of the parts

    def handle(self, *args: Any, **options: Any) -> None:
        logging.disable(logging.CRITICAL)  # libraries would tell the same failures in their own way
        try:
            findings = [self._tell(finding) for finding in examine(EXAMINATIONS)]
        finally:
            logging.disable(logging.NOTSET)
        failed = sum(finding.outcome is not Outcome.OK for finding in findings)
        if failed:
            self.stdout.write(f"\n{failed} of {len(findings)} parts need attention.")
            sys.exit(1)
        self.stdout.write("\nAll parts are well.")

    def _tell(self, finding: Finding) -> Finding:
        self.stdout.write(f"{finding.outcome:<8} {finding.part:<18} {finding.detail}")
        if finding.remedy:
            self.stdout.write(f"{'':<27} -> {finding.remedy}")
        self.stdout.flush()
        return finding
