"""``manage.py audit_verify``: is the audit trail as it was written?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from omnicqm.common.management.database import DatabaseCommand
from omnicqm.common.services.audit_chain import audit_seal, audit_verify


class Command(DatabaseCommand):
    help = "Look for rows of the audit trail that were changed, removed or slipped in. Exit code 1 when there are any."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", default="", help="number:seal from an earlier run or log; the chain must hold it")
        parser.add_argument("--seal", action="store_true", help="let what was written just now join the chain before")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seal"]:
            audit_seal()
        report = audit_verify(head=options["head"])
        self.stdout.write(f"{report.rows} rows in the chain, {report.unsealed} not sealed yet. Head: {report.head}")
        if report.late:
            self.stderr.write(f"{report.late} of them have waited for over ten minutes: does the worker run?")
        for finding in report.findings:
            self.stderr.write(str(finding))
        if report.findings:
            raise CommandError("The audit trail is not as it was written.")
        self.stdout.write("The audit trail is as it was written.")
