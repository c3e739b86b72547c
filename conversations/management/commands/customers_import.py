"""``manage.py customers_import FILE.csv``: customers from a company's own records."""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from conversations.services.customer_import import ImportReport, customers_import
from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand

SHOWN = 50


class Command(DatabaseCommand):
    help = """Create or update customers from a CSV file (at most 50 MB, 200,000 lines).

The simple form:

    account,name,email,phone,service_level,language
    10417,Ada Winter,ada.winter@example.com,+12135550101,gold,en

An export of a CRM does as well: AccountNumber, FirstName, LastName, EmailAddress, PhoneNumber, MobilePhoneNumber and
ServiceLevel are understood, whatever their case, and every other column goes to the customer's profile. Separators may
be comma, semicolon, tab or bar, encodings UTF-8, UTF-16 and Windows-1252. At least one of account, email and phone must
be there. service_level is standard, gold or premium.

The same file again changes nothing. If a line is wrong, every wrong line is named and nothing is imported."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the CSV file, - for standard input")
        parser.add_argument("--region", help="country of phone numbers written without one, e.g. US")
        parser.add_argument("--skip-bad-lines", action="store_true", help="import the other lines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = customers_import(
                content=_read(options["file"]),
                actor="system:customers_import",
                region=options["region"],
                skip_bad_lines=options["skip_bad_lines"],
            )
        except OmniError as error:
            raise CommandError(error.message) from error
        self._tell(report, skipped=options["skip_bad_lines"])

    def _tell(self, report: ImportReport, *, skipped: bool) -> None:
        for notice in report.notices[:SHOWN]:
            self.stdout.write(f"note: {notice}")
        for problem in report.problems[:SHOWN]:
            self.stderr.write(str(problem))
        if len(report.problems) > SHOWN:
            self.stderr.write(f"… and {len(report.problems) - SHOWN} more")
        self.stdout.write(f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged")
        if report.problems:
            lines = len({problem.line for problem in report.problems})
            rest = "left out" if skipped else "wrong, so nothing was imported; --skip-bad-lines imports the others"
            raise CommandError(f"{lines} {'line' if lines == 1 else 'lines'} {rest}.")


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
