"""``manage.py interactions_import FILE.csv``: calls, visits and tasks from another system's export."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from conversations.interactions.csv_file import interactions_read
from conversations.interactions.importing import Imported, ToldInteraction, interactions_import
from conversations.models import Interaction
from conversations.services.customer_import import LineProblem
from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand

SHOWN = 50
BATCH = 1_000


class Command(DatabaseCommand):
    help = """Store interactions from a CSV file of any size.

    account_number,channel,timestamp,intent,detail,external_id
    10417,phone,2026-11-18T09:12:00+01:00,late_delivery,"Order 4471 has not come.",call-88121

account_number, channel, timestamp and one of detail and intent must be there; other columns are left alone. Moments
without an offset are UTC. Without external_id a line is known by its content. Separators may be comma, semicolon, tab
or bar, encodings UTF-8, UTF-16 and Windows-1252. An account nobody knows makes a customer.

The whole file is read before anything is stored: if a line is wrong, every wrong line is named and nothing is imported.
The same file again adds nothing, also after an import that was cut off."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--skip-bad-lines", action="store_true", help="import the other lines")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            wrong = self._wrong_tell(path)
            if wrong and not options["skip_bad_lines"]:
                raise CommandError(
                    f"{_lines(wrong)} wrong, so nothing was imported; --skip-bad-lines imports the others."
                )
            counts = _import(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except OmniError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{counts.accepted} stored, {counts.duplicates} known already")
        if wrong:
            raise CommandError(f"{_lines(wrong)} left out.")

    def _wrong_tell(self, path: Path) -> int:
        """How many lines are wrong; the first ones are told."""
        wrong = 0
        for one in interactions_read(path):
            if isinstance(one, LineProblem):
                wrong += 1
                if wrong <= SHOWN:
                    self.stderr.write(str(one))
        if wrong > SHOWN:
            self.stderr.write(f"… and {wrong - SHOWN} more")
        return wrong


def _import(path: Path) -> Imported:
    accepted = duplicates = 0
    for batch in batched(_good(path), BATCH):
        counts = interactions_import(told=batch, source=Interaction.Source.CSV, actor="system:interactions_import")
        accepted, duplicates = accepted + counts.accepted, duplicates + counts.duplicates
    return Imported(accepted, duplicates)


def _good(path: Path) -> Iterator[ToldInteraction]:
    return (one for one in interactions_read(path) if isinstance(one, ToldInteraction))


def _lines(number: int) -> str:
    return f"{number} {'line' if number == 1 else 'lines'}"
