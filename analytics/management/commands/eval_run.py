"""How well the product does, on data with known answers.

    manage.py eval_run SUITE… --data FOLDER [--compare model=primary,threshold=70] [--json FILE] [--plot FILE.svg]
                              [--bars FILE] [--most N]

Suites: knowledge, routing, mail, summaries, or all. The forms of the files are in docs/evaluation/running.md. Prints
every figure with its number of cases and 95 % interval; with --compare once more under the other configuration, and the
difference of the same cases. The exit code is 1 when a figure is below its bar, and names it.
"""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agents.prompts import prompts_load
from analytics.evaluation.bars import Missed, bars_missed, bars_read
from analytics.evaluation.configuration import Configuration, configuration_parse
from analytics.evaluation.reporting import differences_table, picture, record, table
from analytics.evaluation.results import Result, differences
from analytics.evaluation.suites import SUITES
from analytics.evaluation.tracking import results_track
from omnicqm.common.errors import OmniError


class Command(BaseCommand):
    help = "Measure the product on a folder of data; exit code 1 below its bars."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("suites", nargs="+", metavar="SUITE", help=f"{', '.join(SUITES)}, or all")
        parser.add_argument("--data", type=Path, required=True, help="the folder of data")
        parser.add_argument("--with", dest="configuration", default="", help="the configuration; default: as it is set")
        parser.add_argument("--compare", help="another one: model=ALIAS,prompts=FOLDER,threshold=N,floor=N")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
        parser.add_argument("--plot", type=Path, metavar="FILE", help="write an SVG there")
        parser.add_argument(
            "--bars", metavar="FILE", help="least values as JSON; 'defaults' for those that are shipped"
        )
        parser.add_argument("--most", type=int, default=0, help="cases of each kind at most; 0: all")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            results, found = self._measure(options)
            bars = bars_read(_bars_file(options["bars"])) if options["bars"] else {}
            missed = bars_missed(results[0::2] if options["compare"] else results, bars, all_of=not options["most"])
        except OmniError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(table(results))
        if options["compare"]:
            self.stdout.write(differences_table(found))
        self.stdout.write("\nIntervals are 95 %: Wilson's for shares, bootstrap else.")
        files = self._write(options, results, found, bars)
        self.stdout.write(results_track(results, files))
        self._end(bars, missed)

    def _measure(self, options: dict[str, Any]) -> tuple[list[Result], list[Any]]:
        configurations = [
            configuration_parse(options["configuration"]) if options["configuration"] else Configuration()
        ]
        if options["compare"]:
            configurations.append(configuration_parse(options["compare"]))
        results: list[Result] = []
        for name in _suites(options["suites"]):
            self.stderr.write(f"{name}: {SUITES[name].about}")
            results += SUITES[name].measure(options["data"], configurations, max(0, options["most"]))
        found = differences(results[0::2], results[1::2]) if options["compare"] else []
        return results, found

    def _write(
        self, options: dict[str, Any], results: list[Result], found: list[Any], bars: dict[str, float]
    ) -> list[Path]:
        prompts = prompts_load()
        head: dict[str, Any] = {"at": timezone.now().isoformat(timespec="seconds"), "data": options["data"].name}
        head |= {"prompt_version": prompts.version, "prompt_hash": prompts.digest, "bars": bars}
        texts = {
            options["json"]: json.dumps(record(results, found, head), indent=1) + "\n",
            options["plot"]: picture(results, bars),
        }
        for path, text in texts.items():
            if path is not None:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"Written: {path}")
        return [path for path in texts if path is not None]

    def _end(self, bars: dict[str, float], missed: list[Missed]) -> None:
        for one in missed:
            self.stderr.write(self.style.ERROR(f"Below its bar: {one}"))
        if missed:
            sys.exit(1)
        if bars:
            self.stdout.write("No figure is below its bar.")


def _suites(names: list[str]) -> list[str]:
    if unknown := [name for name in names if name not in SUITES and name != "all"]:
        raise CommandError(f"There is no suite '{unknown[0]}'. Known: {', '.join(SUITES)}, all.", returncode=2)
    return list(SUITES) if "all" in names else list(dict.fromkeys(names))


def _bars_file(given: str) -> Path | None:
    return None if given == "defaults" else Path(given)
