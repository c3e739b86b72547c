"""Reads of judgements: what holds now, by the judge and by people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from agents.types import Aspect, Grade
from feedback.models import Judgement, Overruling

_SHOWN_FIRST = Case(
    When(state=Judgement.State.JUDGED, judge="model", then=Value(0)),
    When(state=Judgement.State.JUDGED, then=Value(1)),
    When(state=Judgement.State.PENDING, then=Value(2)),
    default=Value(3),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class AspectView:
    """One aspect as it is shown: what the judge said, and who says otherwise (the latest first)."""

    aspect: Aspect
    judged: float | None
    label: str
    rationale: str
    overrulings: list[Overruling]

    @property
    def overruled(self) -> Overruling | None:
        """The overruling that holds."""
        return next((said for said in self.overrulings if said.is_current), None)

    @property
    def score(self) -> float | None:
        """What holds: a person's word before the judge's."""
        return self.overruled.value if self.overruled else self.judged

    @property
    def grade(self) -> str:
        return self.overruled.label if self.overruled else self.label


def aspects_of(judgement: Judgement) -> list[AspectView]:
    """The three aspects of a judgement."""
    said = list(judgement.overrulings.all())
    return [
        AspectView(
            aspect=aspect,
            judged=getattr(judgement, aspect),
            label=getattr(judgement, f"{aspect}_label"),
            rationale=getattr(judgement, f"{aspect}_rationale"),
            overrulings=[one for one in said if one.aspect == aspect],
        )
        for aspect in Aspect
    ]


def verdict_of(judgement: Judgement) -> str:
    """The worst grade that holds; "" without a judgement."""
    return _worst(view.grade for view in aspects_of(judgement))


def verdict_judged(judgement: Judgement) -> str:
    """The worst grade the judge itself gave, whatever people said since; "" without a judgement."""
    return _worst(view.label for view in aspects_of(judgement))


def _worst(grades: Iterable[str]) -> str:
    return max((Grade(grade) for grade in grades if grade), key=list(Grade).index, default="")


def judgements_of(run_ids: Iterable[str]) -> dict[str, Judgement]:
    """The judgement to show of each run: a model's before the embedded one, the latest first; else how far it is."""
    overrulings = Prefetch("overrulings", Overruling.objects.select_related("by").order_by("-created_at"))
    found = Judgement.objects.filter(run__in=list(run_ids)).prefetch_related(overrulings)
    shown: dict[str, Judgement] = {}
    for judgement in found.order_by(_SHOWN_FIRST, "-created_at"):
        shown.setdefault(judgement.run_id, judgement)
    return shown


def runs_with_verdict(runs: QuerySet[Any], verdict: str) -> QuerySet[Any]:
    """Those of `runs` whose judgement to show has this `verdict_of`."""
    if verdict not in set(Grade):
        return runs.none()
    # Few have the verdict, or were overruled at all: only of those it is worked out what holds.
    perhaps = Judgement.objects.filter(Q(verdict=verdict) | Q(overrulings__is_current=True), run=OuterRef("pk"))
    grades = {f"{aspect}_now": _grade_now(aspect) for aspect in Aspect}
    worst = Greatest(*(_rank(name) for name in grades))
    shown = _shown().alias(**grades).annotate(worst=worst).values("worst")
    return runs.alias(worst=Subquery(shown[:1])).filter(Exists(perhaps), worst=list(Grade).index(Grade(verdict)))


def runs_overruled(runs: QuerySet[Any]) -> QuerySet[Any]:
    """Those of `runs` whose judgement to show was overruled by people."""
    said = Overruling.objects.filter(judgement=OuterRef("pk"), is_current=True)
    shown = _shown().annotate(is_overruled=Exists(said)).values("is_overruled")
    return runs.alias(is_overruled=Subquery(shown[:1])).filter(is_overruled=True)


def _shown() -> QuerySet[Judgement]:
    """Of an outer query over runs: the judgements of each, the one to show first."""
    judged = Judgement.objects.filter(run=OuterRef("pk"), state=Judgement.State.JUDGED)
    return judged.order_by(_SHOWN_FIRST, "-created_at")


def _grade_now(aspect: Aspect) -> Coalesce:
    said = Overruling.objects.filter(judgement=OuterRef("pk"), aspect=aspect, is_current=True)
    return Coalesce(Subquery(said.values("label")[:1]), f"{aspect}_label")


def _rank(name: str) -> Case:
    ranks = [When(**{name: grade}, then=Value(place)) for place, grade in enumerate(Grade)]
    return Case(*ranks, default=Value(-1), output_field=IntegerField())
