"""How far the judge agrees with people.

    manage.py judge_calibrate FOLDER [--judge embedded|model] [--passages FILE] [--json FILE] [--keep]

FOLDER holds answers that people have scored (*.jsonl); the passages they rest on are in ../kb_public/docs.jsonl beside
it, or where --passages says. The forms are in docs/evaluation/judge.md. Prints the agreement by aspect with 95 %
intervals; --keep stores it, so that it is told beside every judgement of this version.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agents.judging import Judge, Marks, judge_get
from analytics.evaluation.calibration import Scored, figures_of, judge_all, scored_read
from feedback.judging.agreement import agreement_keep
from omnicqm.common.errors import OmniError

MEASURES = ("spearman", "pearson", "kappa", "auroc")
WORTH = "held out"  # the half that nothing was set on


class Command(BaseCommand):
    help = "Measure how far the judge agrees with people, with 95 % intervals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="answers that people have scored (*.jsonl)")
        parser.add_argument("--judge", choices=sorted(settings.JUDGES), default=settings.JUDGE)
        parser.add_argument("--passages", type=Path, help="default: ../kb_public/docs.jsonl beside the folder")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
        parser.add_argument("--keep", action="store_true", help="tell them beside every judgement of this version")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            judge = judge_get(options["judge"])
            answers = self._answers(options["folder"], options["passages"])
            said = judge_all(judge, answers, self._progress)
        except OmniError as error:
            raise CommandError(error.message) from error
        record = self._record(judge, options["folder"], answers, said)
        self._print(judge, record)
        if options["json"]:
            options["json"].write_text(json.dumps({judge.version: record}, indent=1) + "\n", encoding="utf-8")
        if options["keep"]:
            agreement_keep(
                judge_version=judge.version, model=record["model"], data=record["data"], figures=record["figures"]
            )

    def _answers(self, folder: Path, passages: Path | None) -> list[Scored]:
        files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]
        if not files:
            raise CommandError(f"There is no *.jsonl in {folder}.")
        beside = passages or folder.resolve().parent / "kb_public" / "docs.jsonl"
        return [answer for file in files for answer in scored_read(file, beside)]

    def _record(self, judge: Judge, folder: Path, answers: list[Scored], said: list[Marks | None]) -> dict[str, Any]:
        halves = figures_of(answers, said)
        models = {marks.model for marks in said if marks}
        return {
            "model": ", ".join(sorted(models))[:120],
            "data": folder.name[:200],
            "measured_at": timezone.now().date().isoformat(),
            "answers": len(answers),
            "without_judgement": said.count(None),
            "figures": halves[WORTH],
            "halves": halves,
        }

    def _print(self, judge: Judge, record: dict[str, Any]) -> None:
        write = self.stdout.write
        write(f"{judge.version} ({record['model']}) on {record['answers']} answers of {record['data']}")
        if record["without_judgement"]:
            write(f"No judgement of {record['without_judgement']} of them.")
        write(f"\n{'':22}{'n':>5}" + "".join(f"{measure:>24}" for measure in MEASURES))
        for half, aspects in record["halves"].items():
            for aspect, figures in aspects.items():
                cells = "".join(f"{_cell(figures[measure]):>24}" for measure in MEASURES)
                write(f"{half + ', ' + aspect:22}{figures['n']:>5}{cells}")
        write("\nIntervals are 95 %. Nothing was set on the half that is held out. Nobody scored safety in this data.")

    def _progress(self, done: int) -> None:
        if done % 20 == 0:
            self.stderr.write(f"{done} answers judged")


def _cell(figure: list[float | None]) -> str:
    if None in figure:
        return "-"
    value, low, high = figure
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
