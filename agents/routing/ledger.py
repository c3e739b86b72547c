"""The cost ledger of models: a row per call that was really made, written at once and in no transaction of a run."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Sum

from agents.errors import ModelError, ModelTimeout
from agents.models import Run
from agents.providers.base import Charge, ModelReply, Purpose, Usage
from agents.tracing.noting import trace_renew
from omnicqm.common.errors import OmniError
from omnicqm.common.ledger import attempt_write
from omnicqm.common.models import Attempt

TOTALS = ("input_tokens", "output_tokens", "cost_usd")
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
    return attempt_write(
        Attempt(
            **_named(call, reply.model),
            **_charged(reply),
            first_byte_ms=reply.first_byte_ms,
            latency_ms=ms,
            outcome=Attempt.Outcome.OK,
        )
    )


def attempt_failed(call: Call, error: Exception, *, ms: int) -> Attempt:
    """A call that ended with `error`. Where that does not tell what it is billed with, `attempt_settle` may."""
    charge = error.charge if isinstance(error, ModelError) else None
    return attempt_write(
        Attempt(
            **_named(call, call.model),
            **(_charged(charge) if charge else {}),
            latency_ms=ms,
            outcome=Attempt.Outcome.TIMEOUT if isinstance(error, ModelTimeout) else Attempt.Outcome.ERROR,
            error_code=error.code if isinstance(error, OmniError) else type(error).__name__[:40],
        )
    )


def attempt_outrun(call: Call, *, ms: int) -> Attempt:
    """A call whose end nobody waited for: another model answered first, or the reply was stopped while it was made."""
    return attempt_write(Attempt(**_named(call, call.model), latency_ms=ms, outcome=Attempt.Outcome.ABANDONED))


@transaction.atomic
def attempt_settle(attempt: Attempt, reply: ModelReply) -> None:
    """Add what a call cost that was answered too late: to its row, and to its run when that has been summed up."""
    run = Run.objects.select_for_update().filter(pk=attempt.run_id).first()
    Attempt.objects.filter(pk=attempt.pk).update(**_charged(reply))
    if run is not None and run.finished_at is not None:
        run_total(run)
        run.save(update_fields=TOTALS)
        trace_renew(run.pk)


def run_total(run: Run) -> None:
    """Set the totals of `run` to the sums of its attempts, failed ones included. The caller saves them, and holds the
    row's lock when late replies may come."""
    used = run_usage(run.pk)
    run.input_tokens = used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
    run.output_tokens, run.cost_usd = used.output_tokens, used.cost_usd


def _charged(charge: Charge | ModelReply) -> dict[str, Any]:
    counts = {name: getattr(charge.usage, name) for name in _COUNTED}
    return counts | {"tier": charge.tier, "price_version": charge.price_version}


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
