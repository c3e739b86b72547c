"""How far the judge agrees with people, told beside everything it says.

Figures of the embedded judge are shipped; whoever measures a version on their own (`manage.py judge_calibrate --keep`)
has theirs in the database, which count first. A judge without figures is nobody's witness, and the pages say so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.types import Aspect
from feedback.models import Agreement, Judgement

SHIPPED = Path(__file__).parent / "agreement.json"
WEAK_BELOW = 0.3  # lower end of the interval of Spearman's rank correlation
FAIR_BELOW = 0.5
_UNMEASURED = "Nobody has measured how far this version of the judge agrees with people on {aspect}."


@dataclass(frozen=True)
class Trust:
    """What is known of one aspect: a sentence, and whether the judge is weak there."""

    aspect: Aspect
    weak: bool
    words: str


def agreement_keep(*, judge_version: str, model: str, data: str, figures: Mapping[str, Any]) -> Agreement:
    """Store what was measured; the same version on the same data again replaces it."""
    kept, _ = Agreement.objects.update_or_create(
        judge_version=judge_version, model=model, data=data, defaults={"figures": dict(figures)}
    )
    return kept


def trust_in(judgement: Judgement, *, known: dict[tuple[str, str], Mapping[str, Any]] | None = None) -> list[Trust]:
    """For each aspect, how far what `judgement` says can be relied on. `known` remembers figures for the next one."""
    key, known = (judgement.judge_version, judgement.model), {} if known is None else known
    if key not in known:
        known[key] = _figures(*key)
    return [_trust(aspect, known[key].get(aspect)) for aspect in Aspect]


def _figures(version: str, model: str) -> Mapping[str, Any]:
    kept = Agreement.objects.filter(judge_version=version, model=model).order_by("-measured_at").first()
    if kept is not None:
        return dict(kept.figures)
    shipped = shipped_figures(version)
    return shipped["figures"] if shipped.get("model") == model else {}


def shipped_figures(version: str) -> Mapping[str, Any]:
    """What `judge_calibrate --json` wrote of a version, as it is shipped; empty for one that was not measured."""
    return dict(_shipped().get(version, {}))


@cache
def _shipped() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return loaded


def _trust(aspect: Aspect, measured: Mapping[str, Any] | None) -> Trust:
    if measured is None:
        return Trust(aspect, True, _UNMEASURED.format(aspect=aspect.value))
    value, low, high = measured["spearman"]
    weak = low < WEAK_BELOW
    how = "weakly" if weak else "fairly" if low < FAIR_BELOW else "well"
    figures = f"Spearman {value:.2f}, 95 % {low:.2f} to {high:.2f}, {measured['n']} answers"
    advice = " Read it as a hint, not as a measure." if weak else ""
    return Trust(aspect, weak, f"Agrees {how} with people ({figures}).{advice}")
