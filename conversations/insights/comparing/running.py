"""Runs the summariser with one model after the other, as it runs for CRM agents: same prompts, checks and fallback."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from agents.providers.base import ModelProvider, Usage
from agents.routing import RoutedModel
from agents.routing.ledger import usage_add
from agents.routing.stops import Stop
from conversations.insights.comparing.measures import ROUGE, bleu_measure, plain, rouge_measure
from conversations.insights.comparing.samples import Sample
from conversations.insights.generation import Summary
from conversations.insights.generation.generating import summary_write, vault_for
from omnicqm.common.backends import backend_get
from omnicqm.common.errors import InvalidInput

SCOPE = "insights_compare"
SECONDS = 7.5  # as for a CRM agent
_BEDROCK = "agents.providers.bedrock.BedrockProvider"


@dataclass(frozen=True)
class Answer:
    """One summary and the milliseconds it took."""

    sample: Sample
    summary: Summary
    ms: float


@dataclass(frozen=True)
class Scores:
    """What one model did. `fallbacks` are summaries that another model or the embedded engine had to write; `failures`
    counts what checks and calls found wrong, by code. Quality is of what a CRM agent would have seen. ROUGE is 0 to 1,
    BLEU 0 to 100, both None without references."""

    model: str
    summaries: int
    median_ms: float
    p95_ms: float
    cost_usd: Decimal
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_hits: int
    fallbacks: int
    failures: dict[str, int]
    support: float
    words: float
    rouge: dict[str, float] | None = None
    bleu: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "cost_usd": str(self.cost_usd)}


def models_compare(
    names: Sequence[str], samples: Sequence[Sample], *, tell: Callable[[str], None] = lambda line: None
) -> list[Scores]:
    """The scores of each model. A name is an alias of settings.MODEL_PROVIDERS or the id of a model on Bedrock.

    Every call is really made and costs what it costs; rows of the ledger have the scope ``insights_compare``.
    """
    stops = [stop_for(name) for name in names]
    return [_scores(stop.alias, [_answer(stop, sample, tell) for sample in samples]) for stop in stops]


def stop_for(name: str) -> Stop:
    """The model of this name, without breaker and lane: it is to be measured, not guarded.

    Raises `InvalidInput` for what is neither an alias nor looks like an id.
    """
    if name in settings.MODEL_PROVIDERS:
        return Stop(name, cast(ModelProvider, backend_get("MODEL_PROVIDERS", name)))
    if "." not in name and ":" not in name:
        known = ", ".join(settings.MODEL_PROVIDERS)
        raise InvalidInput(
            f"There is no model '{name}': name one of {known}, or a model id of Bedrock.", param="models"
        )
    return Stop(name, import_string(_BEDROCK)(alias=name[:40], model_id=name))


def _answer(stop: Stop, sample: Sample, tell: Callable[[str], None]) -> Answer:
    began = time.perf_counter()
    model = RoutedModel(
        scope=SCOPE,
        run_id="",
        deadline=time.monotonic() + SECONDS,
        stops=(stop.private(vault_for(sample.history)),),
    )
    summary = summary_write(sample.history, model, intent="")
    answer = Answer(sample, summary, (time.perf_counter() - began) * 1000)
    tell(f"{stop.alias} {sample.id}: {answer.ms:.0f} ms")
    return answer


def _scores(name: str, answers: Sequence[Answer]) -> Scores:
    summaries = [answer.summary for answer in answers]
    used = reduce(usage_add, (summary.usage for summary in summaries), Usage())
    times = sorted(answer.ms for answer in answers)
    failures = Counter(code for summary in summaries for failed in summary.checks["failed"] for code in failed["found"])
    return Scores(
        model=name,
        summaries=len(answers),
        median_ms=round(statistics.median(times), 1),
        p95_ms=round(times[min(len(times) - 1, int(len(times) * 0.95))], 1),
        cost_usd=used.cost_usd,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cached_tokens=used.cache_read_tokens,
        cache_hits=sum(summary.prompt_cache_hit for summary in summaries),
        fallbacks=sum(summary.fell_back for summary in summaries),
        failures=dict(failures.most_common()),
        support=round(statistics.fmean(summary.checks.get("support", 0.0) for summary in summaries), 3),
        words=round(statistics.fmean(len(plain(summary.text).split()) for summary in summaries), 1),
        **_against_references([answer for answer in answers if answer.sample.references]),
    )


def _against_references(answers: Sequence[Answer]) -> dict[str, Any]:
    if not answers:
        return {}
    texts = [plain(answer.summary.text) for answer in answers]
    references = [answer.sample.references for answer in answers]
    measured = [rouge_measure(text, own) for text, own in zip(texts, references, strict=True)]
    rouge = {name: round(statistics.fmean(one[name] for one in measured), 4) for name in ROUGE}
    return {"rouge": rouge, "bleu": round(bleu_measure(texts, references), 2)}
