"""Money: how far the budgets of a day are used up, and what is still allowed.

The ledger is the only count of what was spent. It is asked before calls of models that cost money, and a call is in it
as soon as it ended; what it says is believed for a second (`settings.BUDGET_TRUST_SECONDS`), for hundreds may be begun
in one. So a budget is overshot at most by the cost of the calls that were under way when it was reached, or begun in
that second. No lock is held while a model thinks. A call that we gave up counts once it answers after all; what the
service bills for one that never does is known to its invoice alone.
"""

import time
from datetime import datetime
from decimal import Decimal
from enum import Flag, auto
from functools import reduce
from operator import or_
from threading import Lock

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from agents.models import Budget
from omnicqm.common.models import Attempt

_asking = Lock()
_lately: dict[str, tuple["Saving", float]] = {}  # by scope: what was asked for, and when


class Saving(Flag):
    """What is done to save money; `NOTHING` is the usual."""

    NOTHING = 0
    SECONDARY = auto()  # the secondary model is asked instead of the primary
    DRAFTS = auto()  # replies are only suggested
    PEOPLE = auto()  # no model is asked any more


def budget_saving(scope: str) -> Saving:
    """What its own budget and that for everything ask of `scope` now, together."""
    budgets = Budget.objects.filter(scope__in={"", scope})
    return reduce(or_, (_saving(budget, budget_spent(budget.scope)) for budget in budgets), Saving.NOTHING)


def budget_saving_lately(scope: str) -> Saving:
    """`budget_saving` as it was at most `settings.BUDGET_TRUST_SECONDS` ago; of many who ask, one asks the ledger."""
    known = _known_lately(scope)
    if known is not None:
        return known
    with _asking:
        known = _known_lately(scope)
        if known is None:
            known = budget_saving(scope)
            _lately[scope] = known, time.monotonic()
        return known


def _known_lately(scope: str) -> Saving | None:
    saving, at = _lately.get(scope, (None, 0.0))
    return saving if time.monotonic() - at < settings.BUDGET_TRUST_SECONDS else None


def budget_spent(scope: str) -> Decimal:
    """US dollars spent today for `scope`; for everything when it is empty."""
    attempts = Attempt.objects.filter(at__gte=_day_start())
    of_scope = attempts.filter(scope=scope) if scope else attempts
    spent: Decimal = of_scope.aggregate(spent=Sum("cost_usd", default=Decimal(0)))["spent"]
    return spent


def _saving(budget: Budget, spent: Decimal) -> Saving:
    if spent >= budget.usd_per_day:
        return Saving.PEOPLE
    percent = 100 * spent / budget.usd_per_day
    steps = ((budget.secondary_at, Saving.SECONDARY), (budget.drafts_at, Saving.DRAFTS))
    return reduce(or_, (saving for at, saving in steps if at is not None and percent >= at), Saving.NOTHING)


def _day_start() -> datetime:
    """Midnight in the time zone of the installation."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def budgets_used() -> list[tuple[str, float]]:
    """Of every budget its scope, and how many percent of it are spent today."""
    return [(budget.scope, _percent_used(budget)) for budget in Budget.objects.all()]


def _percent_used(budget: Budget) -> float:
    return float(100 * budget_spent(budget.scope) / budget.usd_per_day) if budget.usd_per_day else 100.0
