"""Reads of judgements: what holds now, by the judge and by people."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Prefetch, Value, When

from agents.types import Aspect, Grade
from feedback.models import Judgement, Overruling


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
    order = Case(
        When(state=Judgement.State.JUDGED, judge="model", then=Value(0)),
        When(state=Judgement.State.JUDGED, then=Value(1)),
        When(state=Judgement.State.PENDING, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    overrulings = Prefetch("overrulings", Overruling.objects.select_related("by").order_by("-created_at"))
    found = Judgement.objects.filter(run__in=list(run_ids)).prefetch_related(overrulings)
    shown: dict[str, Judgement] = {}
    for judgement in found.order_by(order, "-created_at"):
        shown.setdefault(judgement.run_id, judgement)
    return shown
