"""What the buttons of the case page do. Each takes the checked form, calls one service, and says what was done."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from conversations.assisting.briefs import brief_request
from conversations.assisting.discarding import REASON_WORDS, DiscardReason, draft_discard
from conversations.assisting.notes import note_write
from conversations.assisting.suggestions import suggestion_request
from conversations.desk.services import guide_tick
from conversations.errors import HeldReplyOver
from conversations.escalations.services import (
    escalation_claim,
    escalation_close,
    escalation_hold_reply,
    escalation_release,
    escalation_resolve,
    escalation_snooze,
    escalation_unsnooze,
    held_reply_undo,
)
from conversations.identity.merging import customer_merge
from conversations.models import Customer, Escalation, GuideStep, HeldReply, Suggestion
from feedback.learning.corrections import draft_reject
from omnicqm.common.errors import InvalidInput, NotFound
from omnicqm.console.case.customer import merges_suggested
from omnicqm.console.case.page import held_of
from omnicqm.console.snoozing import snooze_until

MERGE = "conversations.change_customer"


class CaseForm(forms.Form):
    """All that any of the buttons may send along. What a button needs its action asks for."""

    known_seq = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    text = forms.CharField(required=False, strip=False)
    then = forms.ChoiceField(choices=HeldReply.Then.choices, required=False)
    note = forms.CharField(required=False)
    reason = forms.CharField(required=False)
    resolution = forms.ChoiceField(choices=Escalation.Resolution.choices, required=False)
    resolution_note = forms.CharField(required=False, max_length=2_000)
    snooze = forms.CharField(required=False)
    snooze_until = forms.CharField(required=False)
    step = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=Suggestion.Kind.choices, required=False)
    discard_reason = forms.ChoiceField(choices=[(one.value, one.value) for one in DiscardReason], required=False)
    draft = forms.CharField(required=False, max_length=30, empty_value=None)
    absorbed = forms.CharField(required=False)


Fields = Mapping[str, Any]
Done = tuple[str, str]  # what was done, as a sentence, and the id of what came of it


def case_act(do: str, escalation: Escalation, user: Any, data: Any) -> Done:
    """Do it. Raises `InvalidInput` for a form nobody could have sent; errors of the services pass through."""
    form = CaseForm(data)
    if not form.is_valid():
        raise InvalidInput("The form was not complete. Try again.", param=next(iter(form.errors)))
    action = ACTIONS.get(do)
    if action is None:
        raise InvalidInput("Choose what to do: send, claim or close.")
    return action(escalation, user, form.cleaned_data)


def _send(escalation: Escalation, user: Any, fields: Fields) -> Done:
    if fields["known_seq"] is None:
        raise InvalidInput("The form was not complete. Try again.", param="known_seq")
    then = fields["then"] or HeldReply.Then.ANSWERED
    held = escalation_hold_reply(
        escalation=escalation,
        user=user,
        text=fields["text"],
        known_seq=fields["known_seq"],
        then=then,
        draft_key=fields["draft"],
    )
    return "", held.pk  # the page itself shows that it is about to go out, and how to take it back


def _undo(escalation: Escalation, user: Any, fields: Fields) -> Done:
    held = held_of(escalation)
    if held is None:
        raise HeldReplyOver("There is no reply that could be taken back.")
    held_reply_undo(held=held, user=user)
    return "Taken back. Nothing was sent.", held.pk


def _claim(escalation: Escalation, user: Any, fields: Fields) -> Done:
    escalation_claim(escalation=escalation, user=user)
    return "This one is yours now.", ""


def _take_over(escalation: Escalation, user: Any, fields: Fields) -> Done:
    escalation_claim(escalation=escalation, user=user, take_over=True)
    return "This one is yours now.", ""


def _release(escalation: Escalation, user: Any, fields: Fields) -> Done:
    escalation_release(escalation=escalation, user=user)
    return "Given back: colleagues may take it.", ""


def _note(escalation: Escalation, user: Any, fields: Fields) -> Done:
    note = note_write(escalation=escalation, user=user, text=fields["note"])
    return "Your note is in the thread. The customer does not see it.", str(note.seq)


def _close(escalation: Escalation, user: Any, fields: Fields) -> Done:
    escalation_close(escalation=escalation, user=user, reason=fields["reason"], known_seq=fields["known_seq"])
    return "Closed without a reply. Your reason is kept as an internal note.", ""


def _resolve(escalation: Escalation, user: Any, fields: Fields) -> Done:
    if not fields["resolution"]:
        raise InvalidInput("Choose how the case ended.", param="resolution")
    escalation_resolve(
        escalation=escalation,
        user=user,
        resolution=fields["resolution"],
        note=fields["resolution_note"],
        known_seq=fields["known_seq"],
    )
    return "Resolved.", ""


def _snooze(escalation: Escalation, user: Any, fields: Fields) -> Done:
    wanted = fields["snooze"] or fields["snooze_until"]
    until = snooze_until(wanted, now=timezone.localtime(), param="snooze_until")
    escalation_snooze(escalation=escalation, user=user, until=until)
    return f"Snoozed until {date_format(timezone.localtime(until), 'l, j F, H:i')}.", ""


def _unsnooze(escalation: Escalation, user: Any, fields: Fields) -> Done:
    escalation_unsnooze(escalation=escalation, user=user)
    return "Awake again.", ""


def _tick(escalation: Escalation, user: Any, fields: Fields) -> Done:
    guide_tick(escalation=escalation, step=_step(fields), user=user, done=True)
    return "Done, and noted that it was you.", ""


def _untick(escalation: Escalation, user: Any, fields: Fields) -> Done:
    guide_tick(escalation=escalation, step=_step(fields), user=user, done=False)
    return "Taken back.", ""


def _step(fields: Fields) -> GuideStep:
    step = GuideStep.objects.select_related("guide").filter(pk=fields["step"]).first()
    if step is None:
        raise NotFound("There is no such step any more. Load the page again.", param="step")
    return step


def _suggest(escalation: Escalation, user: Any, fields: Fields) -> Done:
    kind, text = fields["kind"], fields["text"]
    suggestion = suggestion_request(escalation=escalation, user=user, kind=kind, text=text, draft_key=fields["draft"])
    return "It is being written.", suggestion.pk


def _discard(escalation: Escalation, user: Any, fields: Fields) -> Done:
    reason = fields["discard_reason"]
    with transaction.atomic():
        draft = draft_discard(escalation=escalation, user=user, reason=reason, draft_key=fields["draft"])
        words = REASON_WORDS[DiscardReason(reason)]
        draft_reject(escalation_id=escalation.pk, reason=words, user_id=user.pk, draft_key=draft.key)
    return "Discarded. Your reason helps the assistant to learn.", ""


def _brief(escalation: Escalation, user: Any, fields: Fields) -> Done:
    if brief_request(escalation=escalation):
        return "The summary is being written anew.", ""
    return "The summary was asked for a moment ago and will be here soon.", ""


def _merge(escalation: Escalation, user: Any, fields: Fields) -> Done:
    """Only what is suggested at this moment can be merged here. The trail learns how much spoke for it, not what."""
    if not user.has_perm(MERGE):
        raise PermissionDenied
    customer: Customer = escalation.conversation.customer
    found = next((one for one in merges_suggested(customer) if one.customer.pk == fields["absorbed"]), None)
    if found is None:
        raise NotFound("This is suggested no more. Load the page again.", param="absorbed")
    evidence = {"reason": "suggested", "found": len(found.evidence)}
    customer_merge(customer=customer, absorbed=found.customer, actor=f"user:{user.pk}", evidence=evidence)
    return "Merged: both are one customer now.", customer.pk


ACTIONS: Mapping[str, Callable[[Escalation, Any, Fields], Done]] = {
    "send": _send,
    "undo": _undo,
    "claim": _claim,
    "take_over": _take_over,
    "release": _release,
    "note": _note,
    "close": _close,
    "resolve": _resolve,
    "snooze": _snooze,
    "unsnooze": _unsnooze,
    "tick": _tick,
    "untick": _untick,
    "suggest": _suggest,
    "discard": _discard,
    "brief": _brief,
    "merge": _merge,
}
