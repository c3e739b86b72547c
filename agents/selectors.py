"""Reads of the agent's tables: runs, categories, and the policy that holds for a category."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from agents.categories import shipped_categories
from agents.errors import RunNotFound
from agents.factors import DEFAULT_WEIGHTS
from agents.gate import DEFAULT_THRESHOLD, Policy
from agents.journal import ABANDONED
from agents.models import Budget, Category, FactorWeight, Run
from agents.types import REPLAYS, Autonomy, Factor


def run_get(run_id: str) -> Run:
    """The run with its steps. Raises `RunNotFound`."""
    run = Run.objects.prefetch_related("steps").filter(pk=run_id).first()
    if run is None:
        raise RunNotFound("There is no such run.")
    return run


def category_list() -> list[dict[str, Any]]:
    """Every category as {key, title, description, examples}: those shipped, replaced or joined by an admin's rows."""
    categories = {entry["key"]: entry for entry in shipped_categories()}
    for row in Category.objects.values("key", "title", "description", "examples"):
        shipped = categories.get(row["key"], {})
        categories[row["key"]] = {name: value or shipped.get(name, value) for name, value in row.items()}
    return list(categories.values())


def category_titles() -> dict[str, str]:
    """Title by key, for those who show categories to people."""
    return {category["key"]: category["title"] for category in category_list()}


def budget_amounts() -> dict[str, Decimal]:
    """US dollars a day by scope; that of the empty scope is for everything together."""
    return dict(Budget.objects.values_list("scope", "usd_per_day"))


def policy_resolve(category: str, *, threshold: int | None = None, autonomy: Autonomy = Autonomy.AUTO) -> Policy:
    """What category and channel together allow: the higher of their thresholds, the stricter of their autonomies.

    `threshold` and `autonomy` are the channel's. Without any threshold the default holds.
    """
    row = Category.objects.filter(pk=category).only("threshold", "autonomy").first()
    given = [value for value in (threshold, row.threshold if row else None) if value is not None]
    of_category = Autonomy(row.autonomy) if row else Autonomy.AUTO
    return Policy(max(given, default=DEFAULT_THRESHOLD), Autonomy.strictest(autonomy, of_category))


def weights_resolve(category: str) -> Mapping[Factor, int]:
    """The weight of every factor: the category's row, else the row for all, else the default."""
    rows = FactorWeight.objects.filter(category__isnull=True) | FactorWeight.objects.filter(category=category)
    return {**DEFAULT_WEIGHTS, **_weights(rows, False), **_weights(rows, True)}


def _weights(rows: Iterable[FactorWeight], of_category: bool) -> dict[Factor, int]:
    return {Factor(row.factor): row.weight for row in rows if bool(row.category_id) is of_category}


@dataclass(frozen=True)
class CategorySetting:
    """What is saved for a category. `threshold` and `weights` are those that hold, `is_own` of them says whether any
    is the category's own."""

    key: str
    title: str
    autonomy: Autonomy
    threshold: int
    weights: Mapping[Factor, int]
    is_own: bool


def category_settings() -> list[CategorySetting]:
    """What holds for every category, in the order of their titles, in two queries."""
    rows = {row.key: row for row in Category.objects.only("key", "threshold", "autonomy")}
    weights: dict[str | None, dict[Factor, int]] = defaultdict(dict)
    for weight in FactorWeight.objects.all():
        weights[weight.category_id][Factor(weight.factor)] = weight.weight
    return sorted((_setting(entry, rows, weights) for entry in category_list()), key=lambda one: one.title)


def _setting(
    entry: Mapping[str, Any], rows: Mapping[str, Category], weights: Mapping[str | None, Mapping[Factor, int]]
) -> CategorySetting:
    row, own = rows.get(entry["key"]), weights.get(entry["key"], {})
    threshold = row.threshold if row else None
    return CategorySetting(
        key=entry["key"],
        title=entry["title"],
        autonomy=Autonomy(row.autonomy) if row else Autonomy.AUTO,
        threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        weights={**DEFAULT_WEIGHTS, **weights.get(None, {}), **own},
        is_own=bool(own) or threshold is not None,
    )


def runs_counted(*, since: datetime, until: datetime) -> tuple[int, int]:
    """How many runs on customers' messages ended from `since` until before `until`, and how many of them failed. One
    that a killed worker left and another took up is neither."""
    ended = Run.objects.filter(finished_at__gte=since, finished_at__lt=until).exclude(scope=REPLAYS)
    counts = ended.exclude(error_code=ABANDONED).aggregate(
        ended=Count("pk"), failed=Count("pk", filter=Q(state=Run.State.FAILED))
    )
    return counts["ended"], counts["failed"]
