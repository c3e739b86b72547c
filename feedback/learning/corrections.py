"""Corrections: what became of each draft, noted once for each reply."""

from dataclasses import replace

from django.db import IntegrityError, transaction

from conversations.answering.answered import Answered, Suggested, Suggestion, answered_get, suggestion_get
from feedback.learning.diffs import changes_between, draft_rebuild, kind_of, similarity
from feedback.models import Correction
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import line_clean

MAX_REASON_CHARS = 300
Kind = Correction.Kind


def correction_note(*, message_id: str, draft: str | None = None) -> Correction | None:
    """Note what the reply `message_id` made of its draft; once, however often it is called.

    `draft` is the text that the consultant saw, where that is told; else that of the draft which is kept with the
    message, and where none is, of the newest one. None when there was no draft.
    """
    known = Correction.objects.filter(message=message_id).first()
    if known is not None:
        return known
    answered = answered_get(message_id=message_id)
    if answered is None:
        return None
    shown = answered.suggested if draft is None else replace(answered.suggested, draft=draft)
    joined = _join(answered, shown)
    if joined is not None:
        return joined
    # A draft has one fate: a second reply to the same case is not about it any more.
    if not shown.draft.strip() or _noted(answered.escalation_id, shown) is not None:
        return None
    return _create(answered, shown)


@transaction.atomic
def _join(answered: Answered, shown: Suggested) -> Correction | None:
    """Who threw a draft away and then wrote a reply of their own has rejected it: the reply joins what is noted of the
    draft thrown away last. Not a reply to which another draft was `shown`, and no second one."""
    thrown = Correction.objects.filter(escalation=answered.escalation_id, message=None, kind=Kind.REJECTED)
    before = thrown.filter(created_at__lte=answered.at).order_by("-created_at")
    correction = before.select_for_update().first()
    known = Correction.objects.filter(message=answered.message_id).first()  # the same moment, twice
    if known is not None or correction is None:
        return known
    if shown.draft.strip() and not _is_about(correction, shown):
        return None
    if _replied_between(correction, answered):
        return None
    draft = draft_of(correction)
    correction.message_id = answered.message_id
    correction.similarity = similarity(draft, answered.text)
    correction.changes = changes_between(draft, answered.text)
    correction.save(update_fields=["message", "similarity", "changes"])
    return correction


def _is_about(correction: Correction, suggested: Suggested) -> bool:
    if correction.draft_key:
        return correction.draft_key == suggested.key
    return draft_of(correction).strip() == suggested.draft.strip()


def _replied_between(thrown: Correction, answered: Answered) -> bool:
    """Whether another draft was sent after this one was thrown away: that was the reply written instead."""
    replies = Correction.objects.filter(escalation=answered.escalation_id, message__isnull=False)
    return replies.filter(created_at__gt=thrown.created_at, created_at__lt=answered.at).exists()


def _noted(escalation_id: str, suggested: Suggested) -> Correction | None:
    """What is noted of that draft already."""
    noted = Correction.objects.filter(escalation=escalation_id, draft_key__in=["", suggested.key])
    return next((one for one in noted.select_related("message") if _is_about(one, suggested)), None)


def draft_of(correction: Correction) -> str:
    """The draft that a correction is about; what is left of it where texts were deleted."""
    return draft_rebuild(correction.changes, correction.message.text if correction.message else "")


def _create(answered: Answered, shown: Suggested) -> Correction | None:
    alike = similarity(shown.draft, answered.text)
    values = {
        "escalation_id": answered.escalation_id,
        "kind": kind_of(alike),
        "similarity": alike,
        "changes": changes_between(shown.draft, answered.text),
        "user_id": answered.consultant_id,
        "category": answered.category,
        "language": answered.language,
        "created_at": answered.at,
        **_written(shown),
    }
    correction, _ = Correction.objects.get_or_create(message_id=answered.message_id, defaults=values)
    return correction


def _written(suggested: Suggested) -> dict[str, object]:
    """Which draft it was, and what wrote it."""
    return {
        "draft_key": suggested.key,
        "run_id": suggested.run_id,
        "model": suggested.model,
        "prompt_version": suggested.prompt_version,
    }


def draft_reject(*, escalation_id: str, reason: str, user_id: int | None, draft_key: str = "") -> Correction | None:
    """The draft `draft_key` of an escalation, the newest unless told, is of no use, for `reason`; None when there is
    no draft. Said again, the first reason holds. Raises `InvalidInput` without a reason."""
    reason = line_clean(reason)
    if not reason or len(reason) > MAX_REASON_CHARS:
        raise InvalidInput(f"Say in at most {MAX_REASON_CHARS} characters what is wrong with it.", param="reason")
    suggestion = suggestion_get(escalation_id=escalation_id, draft_key=draft_key)
    return _put_by(Kind.REJECTED, escalation_id, reason, user_id, suggestion)


def draft_unused(*, escalation_id: str, user_id: int | None) -> Correction | None:
    """An escalation ended without a reply, and so without a use for its newest draft, whatever that is worth. None when
    there is no draft, or a person replied to the case before."""
    suggestion = suggestion_get(escalation_id=escalation_id)
    if suggestion is None or suggestion.is_answered:
        return None
    return _put_by(Kind.UNUSED, escalation_id, "", user_id, suggestion)


def _put_by(
    kind: Correction.Kind, escalation_id: str, reason: str, user_id: int | None, suggestion: Suggestion | None
) -> Correction | None:
    if suggestion is None or not suggestion.suggested.draft.strip():
        return None
    try:
        return _store(kind, escalation_id, reason, user_id, suggestion)
    except IntegrityError:  # the same moment, twice
        return _noted(escalation_id, suggestion.suggested)


@transaction.atomic
def _store(
    kind: Correction.Kind, escalation_id: str, reason: str, user_id: int | None, suggestion: Suggestion
) -> Correction:
    suggested = suggestion.suggested
    known = _noted(escalation_id, suggested)
    if known is not None:
        return known
    correction = Correction.objects.create(
        escalation_id=escalation_id,
        kind=kind,
        similarity=0.0,
        changes=[["-", suggested.draft]],
        reason=reason,
        user_id=user_id,
        category=suggestion.category,
        **_written(suggested),
    )
    actor = f"user:{user_id}" if user_id else "system:worker"
    audit_record(actor=actor, action=f"draft.{kind}", obj=correction, details={"escalation_id": escalation_id})
    return correction
