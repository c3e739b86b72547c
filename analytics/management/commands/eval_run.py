"""How well the product does, on data with known answers.

    manage.py eval_run SUITE… --data FOLDER [--compare model=primary,threshold=70] [--json FILE] [--plot FILE.svg]
                              [--bars FILE|defaults|none] [--most N]

Suites: knowledge, routing, mail, summaries, or all. The forms of the files are in docs/evaluation/running.md. Prints
every figure with its number of cases and 95 % interval; with --compare once more under the other configuration, and the
difference of the same cases. The exit code is 1 when a figure is below its bar, under any configuration, and names it.
"""

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agents.prompts import prompts_load
from analytics.evaluation.bars import Missed, bars_missed, bars_read
from analytics.evaluation.configuration import KEYS, Configuration, configuration_parse
from analytics.evaluation.reporting import differences_table, picture, record, table
from analytics.evaluation.results import Difference, Result, differences
from analytics.evaluation.suites import SUITES, Suite
from analytics.evaluation.tracking import results_track
from omnicqm.common.errors import InvalidInput, OmniError


class Command(BaseCommand):
    help = "Measure the product on a folder of data; exit code 1 below its bars."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("suites", nargs="+", metavar="SUITE", help=f"{', '.join(SUITES)}, or all")
        parser.add_argument("--data", type=Path, required=True, help="the folder of data")
        parser.add_argument("--with", dest="configuration", default="", help="the configuration; default: as it is set")
        parser.add_argument("--compare", help=f"another one: {', '.join(f'{key}=…' for key in KEYS)}")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
        parser.add_argument("--plot", type=Path, metavar="FILE", help="write an SVG there")
        parser.add_argument(
            "--bars",
            metavar="FILE",
            help="least values as JSON; 'defaults': all that are shipped; 'none': no bars; without it those that are "
            "shipped, as far as the data has their figures",
        )
        parser.add_argument("--most", type=int, default=0, help="cases of each kind at most; 0: all")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            bars = _bars(options["bars"])  # before hours of measuring
            results, found = self._measure(options)
            missed = bars_missed(results, bars)
        except OmniError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(table(results))
        if options["compare"]:
            self.stdout.write(differences_table(found))
        self.stdout.write("\nIntervals are 95 %: Wilson's for shares, bootstrap else.")
        files = self._write(options, results, found, bars)
        self.stdout.write(results_track(results, files))
        is_strict = options["bars"] is not None and not options["most"]
        self._end(bars, missed, is_strict=is_strict)

    def _measure(self, options: dict[str, Any]) -> tuple[list[Result], list[Difference]]:
        configurations = _configurations(options["configuration"], options["compare"])
        suites = _suites(options["suites"], configurations)
        results: list[Result] = []
        for suite in suites:
            self.stderr.write(f"{suite.name}: {suite.about}")
            measured = suite.measure(options["data"], configurations, max(0, options["most"]))
            results += [_noted(suite, result, one) for result, one in zip(measured, configurations, strict=True)]
        found = differences(results[0::2], results[1::2]) if options["compare"] else []
        return results, found

    def _write(
        self, options: dict[str, Any], results: list[Result], found: list[Difference], bars: dict[str, float]
    ) -> list[Path]:
        prompts = prompts_load()
        head: dict[str, Any] = {"at": timezone.now().isoformat(timespec="seconds"), "data": str(options["data"].name)}
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

    def _end(self, bars: dict[str, float], missed: list[Missed], *, is_strict: bool) -> None:
        """Bars that somebody asked for must be measured; those that hold by themselves wait for their data."""
        waiting = [] if is_strict else [one for one in missed if one.value is None]
        if waiting:
            self.stdout.write(f"Bars without a figure in this data: {len(waiting)}, such as {waiting[0].name}.")
        below = [one for one in missed if one not in waiting]
        for one in below:
            self.stderr.write(self.style.ERROR(f"Below its bar: {one}"))
        if below:
            sys.exit(1)
        if bars:
            self.stdout.write("No figure is below its bar.")


def _configurations(first: str, compared: str | None) -> list[Configuration]:
    """Raises `InvalidInput` for one that cannot be read, and for the same one twice."""
    configurations = [configuration_parse(first) if first else Configuration()]
    if compared:
        configurations.append(configuration_parse(compared))
        if first == compared:
            raise InvalidInput(f"'{compared}' is compared with itself: name another one.", param="compare")
    return configurations


def _suites(names: list[str], configurations: list[Configuration]) -> list[Suite]:
    """Raises `InvalidInput` for a suite in which something of a configuration changes nothing: a difference of nothing
    would look like a finding. With "all" the results say so."""
    if unknown := [name for name in names if name not in SUITES and name != "all"]:
        raise InvalidInput(f"There is no suite '{unknown[0]}'. Known: {', '.join(SUITES)}, all.", param="suites")
    if "all" in names:
        return list(SUITES.values())
    suites = [SUITES[name] for name in dict.fromkeys(names)]
    for suite, one in product(suites, configurations):
        for key in suite.unheeded(one):
            where = ", ".join(other.name for other in SUITES.values() if key in other.keys)
            raise InvalidInput(
                f"'{key}' changes nothing in the suite {suite.name}, but in {where}: leave one of them out.", param=key
            )
    return suites


def _noted(suite: Suite, result: Result, configuration: Configuration) -> Result:
    notes = [f"'{key}' changes nothing here." for key in suite.unheeded(configuration)]
    return replace(result, notes=(*result.notes, *notes))


def _bars(given: str | None) -> dict[str, float]:
    if given == "none":
        return {}
    return bars_read(None if given in (None, "defaults") else Path(given))
