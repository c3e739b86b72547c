"""People overrule the judge. What it said stays, and what others said before."""

from typing import Any

from django.db import transaction

from agents.judging import grade_of
from agents.types import Aspect
from feedback.errors import NothingToOverrule
from feedback.models import Judgement, Overruling
from omnicqm.common.errors import InvalidInput
from omnicqm.common.events import event_publish
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

MAX_REASON_CHARS = 1_000


@transaction.atomic
def judgement_overrule(*, judgement_id: str, aspect: str, value: float, reason: str, user: Any) -> Overruling:
    """`user` says that the score of `aspect` should be `value` (0 to 1), and why.

    Saying the same again changes nothing. Raises `InvalidInput` that names what is wrong, `NothingToOverrule` where
    there is no judgement.
    """
    of, reason = _aspect(aspect), _reason(reason)
    if not 0 <= value <= 1:  # which no NaN is
        raise InvalidInput("The score must be between 0 and 1.", param="value")
    judgement = Judgement.objects.select_for_update().filter(pk=judgement_id).first()
    if judgement is None or judgement.state != Judgement.State.JUDGED:
        raise NothingToOverrule("There is no judgement that could be overruled.", param="judgement_id")
    before = Overruling.objects.filter(judgement=judgement, aspect=of, is_current=True).first()
    actor = f"user:{user.pk}"
    if before and (before.value, before.reason, before.actor) == (value, reason, actor):
        return before
    Overruling.objects.filter(judgement=judgement, aspect=of).update(is_current=False)
    overruling = Overruling.objects.create(
        judgement=judgement,
        aspect=of,
        value=value,
        label=grade_of(value),
        before=before.value if before else getattr(judgement, of),
        reason=reason,
        by=user,
        actor=actor,
    )
    details = {"overruling_id": overruling.pk, "aspect": str(of), "value": value, "before": overruling.before}
    audit_record(actor=actor, action="judgement.overruled", obj=judgement, details=details)
    event_publish("judgement.overruled", judgement_id=judgement.pk, overruling_id=overruling.pk)
    return overruling


def _aspect(name: str) -> Aspect:
    if name not in list(Aspect):
        raise InvalidInput(f"The aspect must be one of {', '.join(Aspect)}.", param="aspect")
    return Aspect(name)


def _reason(reason: str) -> str:
    """Without one nobody learns anything."""
    clean = text_clean(reason).strip()
    if not clean:
        raise InvalidInput("Say in a few words why the judge is wrong.", param="reason")
    if len(clean) > MAX_REASON_CHARS:
        raise InvalidInput(f"The reason may have at most {MAX_REASON_CHARS} characters.", param="reason")
    return clean
