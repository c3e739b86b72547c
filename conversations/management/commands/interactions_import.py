"""``manage.py interactions_import FILE.csv``: calls, visits and tasks from another system's export."""

import shutil
import sys
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from conversations.interactions.csv_file import CsvFile, interactions_read
from conversations.interactions.importing import MAX_CHANNEL_CHARS, Imported, ToldInteraction, interactions_import
from conversations.models import Interaction
from conversations.services.customer_import import LineProblem
from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand
from omnicqm.common.text import line_clean

SHOWN = 50
BATCH = 1_000


class Command(DatabaseCommand):
    help = """Store interactions from a CSV file of any size.

    account_number,channel,timestamp,intent,detail,external_id
    10417,phone,2026-11-18T09:12:00+01:00,late_delivery,"Order 4471 has not come.",call-88121

account_number, channel, timestamp and one of detail and intent must be there; other columns are left alone. A file of
one channel may do without its column: --channel phone. Moments without an offset are UTC, or those of --timezone.
Without external_id a line is known by its content. Separators may be comma, semicolon, tab or bar, encodings UTF-8,
UTF-16 and Windows-1252. An account nobody knows makes a customer.

The whole file is read before anything is stored: if a line is wrong, every wrong line is named and nothing is imported.
The same file again adds nothing, also after an import that was cut off."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the CSV file, - for standard input")
        parser.add_argument("--channel", default="", help="the channel of all lines, e.g. phone")
        parser.add_argument("--timezone", default="UTC", help="of moments without an offset, e.g. Europe/Berlin")
        parser.add_argument("--skip-bad-lines", action="store_true", help="import the other lines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _file(options["file"]) as path:
                source = CsvFile(path, _zone(options["timezone"]), _channel(options["channel"]))
                wrong = self._wrong_tell(source)
                if wrong and not options["skip_bad_lines"]:
                    raise CommandError(
                        f"{_lines(wrong)} wrong, so nothing was imported; --skip-bad-lines imports the others."
                    )
                counts = _import(source)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except OmniError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{counts.accepted} stored, {counts.duplicates} known already")
        if wrong:
            raise CommandError(f"{_lines(wrong)} left out.")

    def _wrong_tell(self, source: CsvFile) -> int:
        """How many lines are wrong; the first ones are told."""
        wrong = 0
        for one in interactions_read(source):
            if isinstance(one, LineProblem):
                wrong += 1
                if wrong <= SHOWN:
                    self.stderr.write(str(one))
        if wrong > SHOWN:
            self.stderr.write(f"… and {wrong - SHOWN} more")
        return wrong


def _import(source: CsvFile) -> Imported:
    accepted = duplicates = 0
    for batch in batched(_good(source), BATCH):
        counts = interactions_import(told=batch, source=Interaction.Source.CSV, actor="system:interactions_import")
        accepted, duplicates = accepted + counts.accepted, duplicates + counts.duplicates
    return Imported(accepted, duplicates)


def _good(source: CsvFile) -> Iterator[ToldInteraction]:
    return (one for one in interactions_read(source) if isinstance(one, ToldInteraction))


@contextmanager
def _file(name: str) -> Iterator[Path]:
    """A file that can be read twice."""
    if name != "-":
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown; no name at all; the name of a folder of zones
        raise CommandError(f"'{name}' is no time zone. Name one like Europe/Berlin.") from error


def _channel(label: str) -> str:
    label = line_clean(label)
    if len(label) > MAX_CHANNEL_CHARS:
        raise CommandError(f"--channel is longer than {MAX_CHANNEL_CHARS} characters.")
    return label


def _lines(number: int) -> str:
    return f"{number} {'line' if number == 1 else 'lines'}"
