"""``manage.py insights_compare --models local,primary --sample 20``: which model summarises best."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conversations.insights.comparing.report import report_write, table_make
from conversations.insights.comparing.running import models_compare
from conversations.insights.comparing.samples import Sample, samples_of_customers, samples_read
from omnicqm.common.errors import OmniError

DESCRIPTION = """\
Summarises the same histories with each model, with the prompts, checks and fallback of insights, and compares
waiting, cost, tokens, fallbacks, failed checks and quality.

MODELS are aliases of settings.MODEL_PROVIDERS (local, primary, secondary) or ids of models on Bedrock, with
commas between them. Models on Bedrock cost money.

The histories are those of the customers heard of most recently, or conversations of FILE: a JSON object a line,
{"id": …, "turns": [{"role": "customer"|"agent"|"assistant"|…, "text": …}], "references": ["a summary", …]}.
With references there are ROUGE and BLEU, too (libraries of requirements-dev.txt).

Writes insights-compare.md, .json and .svg into the folder OUT.
"""


class Command(BaseCommand):
    help = DESCRIPTION

    def create_parser(self, *args: Any, **options: Any) -> Any:
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--models", required=True, help="e.g. local,primary")
        parser.add_argument("--sample", type=int, default=20, help="how many histories (20)")
        parser.add_argument("--references", type=Path, metavar="FILE", help="conversations with references")
        parser.add_argument("--days", type=int, default=90, help="of our own histories (90)")
        parser.add_argument("--limit", type=int, default=10, help="interactions of our own histories (10)")
        parser.add_argument("--out", type=Path, help="folder; by default insights-compare in OMNICQM_HOME")

    def handle(self, *args: Any, **options: Any) -> None:
        names = [name.strip() for name in options["models"].split(",") if name.strip()]
        if not names or options["sample"] < 1:
            raise CommandError("Name at least one model with --models, and a --sample of at least 1.")
        try:
            samples = _samples(options)
            scores = models_compare(names, samples, tell=self.stderr.write if options["verbosity"] > 1 else _nothing)
            folder = options["out"] or settings.OMNICQM_HOME / "insights-compare"
            files = report_write(scores, folder, about=f"{len(samples)} histories, {len(names)} models")
        except OmniError as error:
            raise CommandError(error.message) from error
        self.stdout.write(table_make(scores))
        self.stdout.write("\n".join(map(str, files)))


def _samples(options: dict[str, Any]) -> list[Sample]:
    if options["references"]:
        samples = samples_read(options["references"], count=options["sample"])
    else:
        samples = samples_of_customers(count=options["sample"], days=options["days"], limit=options["limit"])
    if not samples:
        raise CommandError("There is no history to summarise: import interactions, or name a file with --references.")
    return samples


def _nothing(line: str) -> None:
    """Tell nothing of each summary."""
