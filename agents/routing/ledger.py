"""The cost ledger of models: a row per call that was really made, written at once and in no transaction of a run."""

from dataclasses import dataclass

from django.db.models import Sum

from agents.errors import ModelTimeout
from agents.providers.base import ModelReply, Purpose, Usage
from omnicqm.common.errors import OmniError
from omnicqm.common.models import Attempt

_COUNTED = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd")


@dataclass(frozen=True)
class Call:
    """What is known of a call before it is made."""

    alias: str
    model: str
    purpose: Purpose
    scope: str
    run_id: str


def attempt_answered(call: Call, reply: ModelReply, *, ms: int) -> Attempt:
    """A call that came back after `ms` milliseconds, whatever the reply is worth."""
    used = reply.usage
    return Attempt.objects.create(
        **_named(call, reply.model),
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cache_read_tokens=used.cache_read_tokens,
        cache_write_tokens=used.cache_write_tokens,
        cost_usd=used.cost_usd,
        latency_ms=ms,
        outcome=Attempt.Outcome.OK,
    )


def attempt_failed(call: Call, error: Exception, *, ms: int) -> Attempt:
    """A call that ended with `error`. What the service bills for it is not known, so it has no tokens."""
    return Attempt.objects.create(
        **_named(call, call.model),
        latency_ms=ms,
        outcome=Attempt.Outcome.TIMEOUT if isinstance(error, ModelTimeout) else Attempt.Outcome.ERROR,
        error_code=error.code if isinstance(error, OmniError) else type(error).__name__[:40],
    )


def _named(call: Call, model: str) -> dict[str, str]:
    return {
        "provider": call.alias,
        "model": model,
        "purpose": call.purpose,
        "scope": call.scope,
        "run_id": call.run_id,
    }


def run_usage(run_id: str) -> Usage:
    """What all attempts of a run used and cost together, the failed ones included."""
    sums = Attempt.objects.filter(run_id=run_id).aggregate(**{name: Sum(name, default=0) for name in _COUNTED})
    return Usage(**sums)


def usage_add(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cache_read_tokens + other.cache_read_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
        one.cost_usd + other.cost_usd,
    )
