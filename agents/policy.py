"""Setting what a category lets the agent do alone. Every change is in the audit trail, with what held before."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from agents.models import Category, FactorWeight
from agents.selectors import category_settings, weights_resolve
from agents.types import Autonomy, Factor
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record

MOST = 100  # of a threshold, and of a weight


@transaction.atomic
def category_autonomy_set(*, category: str, autonomy: str, actor: str, reason: str = "") -> bool:
    """Let the agent do `autonomy` in `category`, from the next run on; whether that is something new.

    `reason` is a code for the trail. Raises `InvalidInput`.
    """
    if autonomy not in list(Autonomy):
        raise InvalidInput(f"The autonomy must be one of {', '.join(Autonomy)}.", param="autonomy")
    row = _locked(category)
    before, row.autonomy = row.autonomy, autonomy
    if before == autonomy:
        return False
    row.save(update_fields=["autonomy"])
    details = {"before": before, "after": autonomy} | ({"reason": reason} if reason else {})
    audit_record(actor=actor, action="category.autonomy_set", obj=row, details=details)
    return True


@transaction.atomic
def category_score_set(*, category: str, threshold: int, weights: Mapping[Factor, int], actor: str) -> bool:
    """Score and send by `threshold` and `weights` in `category`, from the next run on; whether that is something new.

    A weight that holds for every category stays shared: only what differs becomes the category's own. Raises
    `InvalidInput` naming the field.
    """
    _score_check(threshold, weights)
    row = _locked(category)
    before = {"threshold": row.threshold, "weights": _plain(weights_resolve(category))}
    after = {"threshold": threshold, "weights": _plain(weights)}
    if before == after:
        return False
    row.threshold = threshold
    row.save(update_fields=["threshold"])
    _weights_set(row, weights)
    audit_record(actor=actor, action="category.score_set", obj=row, details={"before": before, "after": after})
    return True


def _score_check(threshold: int, weights: Mapping[Factor, int]) -> None:
    if not 0 <= threshold <= MOST:
        raise InvalidInput("The threshold must be between 0 and 100.", param="threshold")
    for factor in Factor:
        if factor not in weights or not 0 <= weights[factor] <= MOST:
            raise InvalidInput(f"The weight of {factor} must be between 0 and 100.", param=factor.value)


def _locked(category: str) -> Category:
    """The row of a category, made of what is shipped where an admin has none."""
    known = {setting.key: setting.title for setting in category_settings()}
    if category not in known:
        raise InvalidInput(f"There is no category '{category}'.", param="category")
    Category.objects.get_or_create(key=category, defaults={"title": known[category]})
    return Category.objects.select_for_update().get(pk=category)


def _weights_set(category: Category, weights: Mapping[Factor, int]) -> None:
    category.weights.all().delete()
    shared = weights_resolve(category.pk)  # without its own
    own = [factor for factor in Factor if weights[factor] != shared[factor]]
    FactorWeight.objects.bulk_create(
        FactorWeight(category=category, factor=factor, weight=weights[factor]) for factor in own
    )


def _plain(weights: Mapping[Factor, int]) -> dict[str, Any]:
    return {factor.value: weights[factor] for factor in Factor}
