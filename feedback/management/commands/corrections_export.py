from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from feedback.learning.export import FORMATS, Choice, Manifest, corrections_lines, manifest_open


class Command(BaseCommand):
    help = "Write consultants' replies as examples to fine-tune a model with, without personal data (JSON lines)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="the file; its manifest stands beside it")
        parser.add_argument("--format", choices=FORMATS, default="nova", help="as Amazon Bedrock wants it")
        parser.add_argument("--no-as-is", action="store_true", help="leave out drafts that were taken as they were")
        parser.add_argument("--no-edited", action="store_true", help="leave out drafts that were edited or rewritten")
        parser.add_argument("--no-rejected", action="store_true", help="leave out replies written instead of a draft")
        parser.add_argument("--least-edited", type=int, default=10, metavar="PERCENT", help="of an edited draft")
        parser.add_argument("--category", default="", help="of this category only")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="first day (UTC), e.g. 2026-11-01")
        parser.add_argument("--to", dest="until", type=date.fromisoformat, help="last day (UTC), included")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["least_edited"] <= 100:
            raise CommandError("--least-edited is a percentage, 0 to 100.")
        choice = Choice(
            as_is=not options["no_as_is"],
            edited=not options["no_edited"],
            rejected=not options["no_rejected"],
            least_edited=options["least_edited"],
            category=options["category"],
            since=_midnight(options["since"]),
            until=_midnight(options["until"], days=1),
        )
        manifest = manifest_open(options["format"], choice)
        out: Path = options["out"]
        try:
            _write(out, manifest, choice)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror or error}.") from error
        self.stdout.write(f"{out}: {manifest.written:,} examples")
        for why_not, count in sorted(manifest.left_out.items()):
            self.stdout.write(f"left out, {why_not.replace('_', ' ')}: {count:,}")


def _write(out: Path, manifest: Manifest, choice: Choice) -> None:
    """Beside `out` first, so that what stands there is never half a file."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(corrections_lines(manifest, choice))
        part.replace(out)
        out.with_name(f"{out.name}.manifest.json").write_text(manifest.as_json(), encoding="utf-8")
    finally:
        part.unlink(missing_ok=True)


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time.min, UTC) if day else None
