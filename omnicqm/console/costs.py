"""What models cost: figures of the ledger by day and model, budgets and how far they are used up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from agents.budgets import Saving, budget_saving, budget_spent
from agents.models import Budget
from omnicqm.common.models import Attempt

DAYS = 14
_SAVING_WORDS = {
    Saving.SECONDARY: "secondary model",
    Saving.DRAFTS: "drafts only",
    Saving.PEOPLE: "straight to people",
}
_SUMS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd")


@dataclass(frozen=True)
class DayOfModel:
    """One model on one day. `tokens_in` counts what was read from the prompt cache as well."""

    day: date
    provider: str
    model: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: Decimal

    @property
    def tokens_in(self) -> int:
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def cached_percent(self) -> int:
        """How much of what was read came from the prompt cache: its hit ratio, by tokens."""
        return round(100 * self.cache_read_tokens / self.tokens_in) if self.tokens_in else 0


@dataclass(frozen=True)
class BudgetState:
    """A budget today; `saving` says what is done about it, empty while there is enough."""

    budget: Budget
    spent: Decimal
    percent: int
    saving: str


def usd(amount: Decimal) -> str:
    """``$0.0042``, with more places where so few would show nothing; ``-`` for nothing."""
    if not amount:
        return "-"
    return f"${amount:.4f}" if amount >= Decimal("0.0001") else f"${amount:.8f}".rstrip("0")


def tokens(attempt: Attempt) -> str:
    """``3,300 in, 210 out``; what was read from the prompt cache is in."""
    return f"{_tokens_in(attempt):,} in, {attempt.output_tokens:,} out" if _tokens_in(attempt) else "-"


def cached(attempt: Attempt) -> str:
    """``73 % from cache``; nothing when nothing came from there."""
    percent = round(100 * attempt.cache_read_tokens / (_tokens_in(attempt) or 1))
    return f"{percent} % from cache" if attempt.cache_read_tokens else ""


def _tokens_in(attempt: Attempt) -> int:
    return attempt.input_tokens + attempt.cache_read_tokens + attempt.cache_write_tokens


def costs_by_day(days: int = DAYS) -> list[DayOfModel]:
    """Newest day first, the dearest model of a day first."""
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    counts: dict[str, Any] = {"calls": Count("pk"), "failed": Count("pk", filter=~Q(outcome=Attempt.Outcome.OK))}
    rows: Iterable[Any] = (
        Attempt.objects.filter(at__gte=since)
        .annotate(day=TruncDate("at"))
        .values("day", "provider", "model")
        .annotate(**counts, **{f"{name}_sum": Sum(name) for name in _SUMS})
        .order_by("-day", F("cost_usd_sum").desc(), "provider", "model")
    )
    return [DayOfModel(**{name.removesuffix("_sum"): value for name, value in row.items()}) for row in rows]


def budget_states() -> list[BudgetState]:
    """Every budget with what is spent of it today."""
    return [_state(budget) for budget in Budget.objects.all()]


def _state(budget: Budget) -> BudgetState:
    spent, saving = budget_spent(budget.scope), budget_saving(budget.scope)
    percent = round(100 * spent / budget.usd_per_day) if budget.usd_per_day else 100
    words = [said for part, said in _SAVING_WORDS.items() if part in saving]
    return BudgetState(budget, spent, percent, ", ".join(words))
