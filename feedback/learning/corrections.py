"""Corrections: what became of each draft, noted once for each reply."""

from django.db import IntegrityError, transaction

from conversations.answering.answered import Answered, Suggested, Suggestion, answered_get, suggestion_get
from feedback.learning.diffs import changes_between, draft_rebuild, kind_of, similarity
from feedback.models import Correction
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import line_clean

MAX_REASON_CHARS = 300
UNANSWERED = "Closed without a reply."


def correction_note(*, message_id: str, draft: str | None = None) -> Correction | None:
    """Note what the reply `message_id` made of its draft; once, however often it is called.

    `draft` is what the consultant saw, where that is known; else the newest one counts. None when there was no draft.
    """
    known = Correction.objects.filter(message=message_id).first()
    if known is not None:
        return known
    answered = answered_get(message_id=message_id)
    if answered is None:
        return None
    shown = (answered.suggested.draft if draft is None else draft).strip()
    if _attached(answered, shown):
        return Correction.objects.get(message=message_id)
    if not shown or _is_used_up(answered, shown):
        return None
    return _create(answered, shown)


def _attached(answered: Answered, shown: str) -> bool:
    """Who threw a draft away and then wrote a reply of their own has rejected it: the reply joins what is noted. Not
    one to which another draft was `shown`."""
    thrown = Correction.objects.filter(escalation=answered.escalation_id, message=None)
    if not thrown.exists():
        return False
    with transaction.atomic():
        correction = thrown.select_for_update().first()
        if correction is None:
            return Correction.objects.filter(message=answered.message_id).exists()
        draft = "".join(text for _, text in correction.changes)
        if shown and shown != draft.strip():
            return False
        correction.message_id = answered.message_id
        correction.similarity = similarity(draft, answered.text)
        correction.changes = changes_between(draft, answered.text)
        correction.save(update_fields=["message", "similarity", "changes"])
    return True


def _is_used_up(answered: Answered, draft: str) -> bool:
    """A draft has one fate: a second reply to the same case is not about it any more."""
    earlier = Correction.objects.filter(escalation=answered.escalation_id).select_related("message")
    return any(draft_of(correction).strip() == draft for correction in earlier)


def draft_of(correction: Correction) -> str:
    """The draft that a correction is about; what is left of it where texts were deleted."""
    return draft_rebuild(correction.changes, correction.message.text if correction.message else "")


def _create(answered: Answered, draft: str) -> Correction | None:
    alike = similarity(draft, answered.text)
    values = {
        "escalation_id": answered.escalation_id,
        "kind": kind_of(alike),
        "similarity": alike,
        "changes": changes_between(draft, answered.text),
        "user_id": answered.consultant_id,
        "category": answered.category,
        "language": answered.language,
        "created_at": answered.at,
        **_of_run(answered.suggested),
    }
    correction, _ = Correction.objects.get_or_create(message_id=answered.message_id, defaults=values)
    return correction


def _of_run(suggested: Suggested) -> dict[str, object]:
    return {
        "run_id": suggested.run_id,
        "model": suggested.model,
        "prompt_version": suggested.prompt_version,
    }


def draft_reject(*, escalation_id: str, reason: str, user_id: int | None) -> Correction | None:
    """The draft of an escalation is of no use, for `reason`; None when there is no draft. Said again, the first reason
    holds. Raises `InvalidInput` without a reason."""
    reason = line_clean(reason)
    if not reason or len(reason) > MAX_REASON_CHARS:
        raise InvalidInput(f"Say in at most {MAX_REASON_CHARS} characters what is wrong with it.", param="reason")
    suggestion = suggestion_get(escalation_id=escalation_id)
    if suggestion is None or not suggestion.suggested.draft.strip():
        return None
    try:
        return _reject(escalation_id, reason, user_id, suggestion)
    except IntegrityError:  # the same moment, twice
        return Correction.objects.get(escalation=escalation_id, message=None)


@transaction.atomic
def _reject(escalation_id: str, reason: str, user_id: int | None, suggestion: Suggestion) -> Correction:
    suggested, draft = suggestion.suggested, suggestion.suggested.draft.strip()
    for known in Correction.objects.filter(escalation=escalation_id).select_related("message"):
        if draft_of(known).strip() == draft:
            return known
    correction = Correction.objects.create(
        escalation_id=escalation_id,
        kind=Correction.Kind.REJECTED,
        similarity=0.0,
        changes=[["-", suggested.draft]],
        reason=reason,
        user_id=user_id,
        category=suggestion.category,
        **_of_run(suggested),
    )
    actor = f"user:{user_id}" if user_id else "system:worker"
    audit_record(actor=actor, action="draft.rejected", obj=correction, details={"escalation_id": escalation_id})
    return correction
