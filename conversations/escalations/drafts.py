"""The drafts of an escalation: which there are, which one is offered, and which one somebody was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Escalation, Query, Suggestion
from omnicqm.common.errors import InvalidInput
from omnicqm.common.ids import is_id

NO_KEY = "none"


@dataclass(frozen=True)
class Draft:
    """A suggested reply. `key` names it within its case: ``0`` the escalation's own, ``1`` that of its first follow-up
    and so on, the id of a suggestion, or ``none`` where nothing was suggested."""

    key: str = NO_KEY
    text: str = ""
    sources: Sequence[Mapping[str, Any]] = ()
    run_id: str | None = None
    model: str = ""


NO_DRAFT = Draft()


def drafts_of(escalation: Escalation) -> list[Draft]:
    """The escalation's own and one for each follow-up, the oldest first; those that were not written have no text."""
    own = Draft("0", escalation.draft, escalation.draft_sources, escalation.query.run_id)
    return [own, *(_of_follow_up(number, note) for number, note in enumerate(_follow_ups(escalation), start=1))]


def _of_follow_up(number: int, note: Mapping[str, Any]) -> Draft:
    return Draft(str(number), note.get("draft", ""), note.get("draft_sources", ()), note.get("run_id"))


def _follow_ups(escalation: Escalation) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = escalation.packet.get("follow_ups", [])
    return notes


def draft_offered(escalation: Escalation) -> Draft:
    """The newest draft that was neither discarded nor there when a consultant replied last."""
    found = drafts_of(escalation)[max(_discarded(escalation), _answered(escalation)) :]
    return next((draft for draft in reversed(found) if draft.text), NO_DRAFT)


def _discarded(escalation: Escalation) -> int:
    """How many drafts were put away."""
    discarded = escalation.packet.get("discarded")
    return 0 if discarded is None else discarded["follow_ups"] + 1


def _answered(escalation: Escalation) -> int:
    """How many drafts had their use with the last reply: those for messages before it."""
    if escalation.reply is None:
        return 0
    notes = _follow_ups(escalation)
    asked = [query_id for note in notes for query_id in note.get("query_ids", ())]
    newer = Query.objects.filter(pk__in=asked, message__seq__gt=escalation.reply.seq)
    waiting = set(newer.values_list("pk", flat=True))
    used = [number for number, note in enumerate(notes, start=1) if waiting.isdisjoint(note.get("query_ids", ()))]
    return max(used, default=0) + 1


def draft_find(escalation: Escalation, key: str) -> Draft | None:
    """The draft `key` of this case, offered or not; None when it has none of that key, or its text is gone."""
    if key == NO_KEY:
        return NO_DRAFT
    if is_id(key, "sug"):
        made = Suggestion.objects.filter(pk=key, escalation=escalation).exclude(text="").first()
        return Draft(made.pk, made.text, made.sources, model=made.model_used) if made else None
    return next((draft for draft in drafts_of(escalation) if draft.key == key and draft.text), None)


def draft_shown(escalation: Escalation, key: str | None) -> Draft:
    """What a consultant says they were shown: the draft `key`, or without one what is offered. Raises `InvalidInput`
    naming ``draft`` for one that is not of this case."""
    if key is None:
        return draft_offered(escalation)
    found = draft_find(escalation, key)
    if found is None:
        raise InvalidInput("The suggestion it was made of is not of this case, or gone. Try once more.", param="draft")
    return found


def passages_for(escalation: Escalation, draft: Draft) -> dict[str, dict[str, Any]]:
    """What was found for the case and for the follow-up of `draft`, by chunk."""
    notes = dict(enumerate(_follow_ups(escalation), start=1))
    note = notes.get(int(draft.key), {}) if draft.key.isdecimal() else {}
    found = [*escalation.packet.get("passages", []), *note.get("passages", [])]
    return {passage["chunk_id"]: passage for passage in found}
