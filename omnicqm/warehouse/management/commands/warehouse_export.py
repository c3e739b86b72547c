from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from omnicqm.common.outbox.lines import line_write
from omnicqm.warehouse.tables import TABLES, Kind, Record

Writer = Callable[[Path, Mapping[str, Kind], Iterable[Record]], int]


class Command(BaseCommand):
    help = "Write summaries and ratings of a period into a folder, one file for each table, for tools of your own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("parquet", "jsonl"), default="parquet")
        parser.add_argument("--from", dest="since", type=_day, required=True, help="first day (UTC), e.g. 2026-11-01")
        parser.add_argument("--to", dest="until", type=_day, required=True, help="last day (UTC), included")
        parser.add_argument("out", type=Path, metavar="OUT", help="the folder; files of the same name are replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until, out = options["since"], options["until"], options["out"]
        if until < since:
            raise CommandError(f"--to {until} lies before --from {since}.")
        kept_since = timezone.localdate(timezone=UTC) - timedelta(days=settings.INSIGHT_TEXT_DAYS - 1)
        if options["format"] == "jsonl" and since < kept_since:  # a load would put emptied rows over full ones
            why = (
                f"Texts are kept for {settings.INSIGHT_TEXT_DAYS} days, and the warehouse has what was forgotten here."
            )
            raise CommandError(f"--from {since} is too long ago for lines. {why} Begin with {kept_since}.")
        write = _parquet() if options["format"] == "parquet" else lines_write_file
        try:
            out.mkdir(parents=True, exist_ok=True)
            for table in TABLES:
                path = out / f"{table.name}.{options['format']}"
                count = _whole(path, write, table.columns, table.read(_midnight(since), _midnight(until, days=1)))
                self.stdout.write(f"{path}: {count:,} rows")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror or error}.") from error


def lines_write_file(path: Path, columns: Mapping[str, Kind], records: Iterable[Record]) -> int:
    """JSON lines as the store holds them; returns how many."""
    written = 0
    with path.open("wb") as file:
        for record in records:
            file.write(line_write(record))
            written += 1
    return written


def _whole(path: Path, write: Writer, columns: Mapping[str, Kind], records: Iterable[Record]) -> int:
    """Write beside `path` first, so that what stands there is never half a file."""
    part = path.with_name(f".{path.name}.part")
    try:
        count = write(part, columns, records)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _parquet() -> Writer:
    """Loaded when it is wanted: pyarrow is large, and only this command uses it."""
    try:
        return import_module("omnicqm.warehouse.parquet").parquet_write
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        hint = "Install it with .venv/bin/python -m pip install 'pyarrow~=26.0', or use --format jsonl."
        raise CommandError(f"Parquet needs pyarrow. {hint}") from error


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _midnight(day: date, *, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days), time.min, UTC)
