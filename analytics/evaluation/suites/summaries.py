"""Summaries for CRM agents, on ``conversations/*.jsonl``: always our checks, and ROUGE where people wrote some too.

The form of a line is that of `manage.py insights_compare --references`.
"""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from agents.routing import RoutedModel, model_open
from analytics.evaluation.configuration import SCOPE, Configuration
from analytics.evaluation.results import Figure, Result, figure_make
from conversations.insights.comparing.measures import ROUGE, plain, rouge_measure
from conversations.insights.comparing.samples import Sample, samples_read
from conversations.insights.generation import Summary
from conversations.insights.generation.generating import NO_MODEL, summary_write, vault_for
from omnicqm.common.errors import ConfigurationError, InvalidInput

SUITE = "summaries"
SECONDS = 7.5  # as for a CRM agent
ALL = 1_000_000
_ROUGE_NAMES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L"}


def summaries_measure(data: Path, configurations: Sequence[Configuration], most: int) -> list[Result]:
    """Raises `InvalidInput` without conversations. Of a configuration the model and its `summaries` count."""
    files = sorted((data / "conversations").glob("*.jsonl"))
    if not files:
        raise InvalidInput(f"There is no conversations/*.jsonl in {data}.", param="data")
    samples = [sample for file in files for sample in samples_read(file, count=most or ALL)]
    return [_measured(samples, one) for one in configurations]


def _measured(samples: Sequence[Sample], configuration: Configuration) -> Result:
    written = [(sample, _write(sample, configuration)) for sample in samples]
    figures, notes = [*_checks(written)], []
    referenced = [(sample, summary) for sample, summary in written if sample.references]
    if not referenced:
        notes.append("None of the conversations has a summary by people: no ROUGE.")
    else:
        try:
            figures += _rouge(referenced)
        except ConfigurationError as error:
            notes.append(error.message)
    return Result(SUITE, configuration.name, tuple(figures), tuple(notes))


def _write(sample: Sample, configuration: Configuration) -> Summary:
    return summary_write(sample.history, _model(sample, configuration), intent="", prompts=configuration.summaries)


def _model(sample: Sample, configuration: Configuration) -> RoutedModel:
    return model_open(
        scope=SCOPE,
        run_id="",
        deadline=time.monotonic() + SECONDS,
        vault=vault_for(sample.history),
        route=configuration.variant.route,
    )


def _checks(written: Sequence[tuple[Sample, Summary]]) -> Iterable[Figure]:
    """A summary is there; its first draft passed; its weakest statement is borne out; it is short enough to be read."""
    yield figure_make("written", {sample.id: float(summary.model_used != NO_MODEL) for sample, summary in written})
    yield figure_make("first draft passed", {sample.id: float(not _failed(summary)) for sample, summary in written})
    yield figure_make("support of the weakest statement", {sample.id: _support(summary) for sample, summary in written})


def _failed(summary: Summary) -> bool:
    return bool(summary.checks.get("failed"))


def _support(summary: Summary) -> float:
    return float(summary.checks.get("support", 0.0))


def _rouge(written: Sequence[tuple[Sample, Summary]]) -> Iterable[Figure]:
    scores = {sample.id: rouge_measure(plain(summary.text), sample.references) for sample, summary in written}
    return [figure_make(_ROUGE_NAMES[name], {case: of[name] for case, of in scores.items()}) for name in ROUGE]
