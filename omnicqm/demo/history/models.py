"""What models do in the history: which one answers, how long it takes, what it costs."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.models import AttemptFact

PRIMARY, SECONDARY = "us.amazon.nova-2-lite-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"
MODELS = {"primary": PRIMARY, "secondary": SECONDARY}
# Dollars for a thousand tokens read, read from the cache, written: of the order of what such models cost.
_PRICES = {
    "primary": (Decimal("0.00033"), Decimal("0.0000825"), Decimal("0.00275")),
    "secondary": (Decimal("0.0011"), Decimal("0.00011"), Decimal("0.0055")),
}
_SIZES = {"gather": (1900, 60), "assess": (1600, 190), "compose": (2300, 210), "summarise": (2700, 240)}


@dataclass(frozen=True)
class Call:
    """One row of the invented ledger."""

    at: datetime
    purpose: str
    provider: str
    outcome: str
    latency_ms: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cost_usd: Decimal

    @property
    def model(self) -> str:
        return MODELS[self.provider]

    @property
    def read(self) -> int:
        return self.input_tokens + self.cache_read_tokens


def call_invent(at: datetime, purpose: str, provider: str, chance: random.Random, *, slow: float = 1) -> Call:
    """A call that went well."""
    read, written = (round(size * chance.uniform(0.75, 1.35)) for size in _SIZES[purpose])
    cached = round(read * 0.6) if chance.random() < 0.66 else 0
    per_read, per_cached, per_written = _PRICES[provider]
    cost = (per_read * (read - cached) + per_cached * cached + per_written * written) / 1000
    middle = {"gather": 620, "assess": 900, "compose": 1250, "summarise": 1700}[purpose]
    ms = round(chance.lognormvariate(0, 0.38) * middle * slow * (1.25 if provider == "secondary" else 1))
    return Call(at, purpose, provider, "ok", ms, read - cached, written, cached, cost.quantize(Decimal("1e-8")))


def call_lost(at: datetime, purpose: str, outcome: str, chance: random.Random) -> Call:
    """A call of the primary model that came to nothing, and was billed with nothing."""
    ms = 5000 if outcome == "timeout" else chance.randrange(80, 900)
    return Call(at, purpose, "primary", outcome, ms, 0, 0, 0, Decimal(0))


def calls_of_run(at: datetime, chance: random.Random, *, broken: bool) -> list[Call]:
    """The calls of one run, one after the other; `broken` while the primary model does not answer."""
    calls: list[Call] = []
    provider = "primary"
    for purpose in ("gather", "gather", "assess", "compose")[0 if chance.random() < 0.45 else 1 :]:
        lost = chance.random() < (0.72 if broken else 0.012)
        if provider == "primary" and lost:
            calls.append(call_lost(at, purpose, "timeout" if broken or chance.random() < 0.6 else "error", chance))
            at, provider = at + timedelta(milliseconds=calls[-1].latency_ms), "secondary"
        calls.append(call_invent(at, purpose, provider, chance, slow=1.6 if broken else 1))
        at += timedelta(milliseconds=calls[-1].latency_ms)
    return calls


def attempt_make(call: Call, **of_it: str) -> AttemptFact:
    """The ledger row of `call`, with what it was for."""
    return AttemptFact(
        at=call.at,
        purpose=call.purpose,
        provider=call.provider,
        model=call.model,
        outcome=call.outcome,
        latency_ms=call.latency_ms,
        cost_usd=call.cost_usd,
        input_tokens=call.input_tokens,
        output_tokens=call.output_tokens,
        cache_read_tokens=call.cache_read_tokens,
        is_demo=True,
        **of_it,
    )
