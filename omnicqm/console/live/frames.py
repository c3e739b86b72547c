"""The frames a console page receives. Pages ignore types and fields they do not know, so both may be added."""

from collections.abc import Mapping
from typing import Any

from conversations.models import Escalation
from omnicqm.console.live.standing import Person
from omnicqm.console.live.viewing import Present

Frame = dict[str, Any]
Viewing = Mapping[str, Present]  # by escalation


def ready_frame(you: Person, counts: Mapping[str, int], viewing: Viewing) -> Frame:
    """First frame of a connection: who the page is, what waits, and who views what."""
    shown = {escalation_id: _people(people) for escalation_id, people in viewing.items()}
    return {"type": "ready", "you": person_dict(you), "counts": dict(counts), "viewing": shown}


def counts_frame(counts: Mapping[str, int]) -> Frame:
    return {"type": "counts", **counts}


def presence_frame(escalation_id: str, people: Present) -> Frame:
    """Everybody who has it open now, each once, and whether they are typing; the reader may be among them."""
    return {"type": "presence", "escalation": escalation_id, "people": _people(people)}


def escalation_frame(escalation: Escalation, kind: str, user_id: int | None) -> Frame:
    """What happened (`kind`, by the user `user_id`) and how the escalation stands since. No word of the customer's."""
    assignee = escalation.assignee
    return {
        "type": "escalation",
        "id": escalation.pk,
        "kind": kind,
        "user_id": user_id,
        "state": escalation.state,
        "reference": escalation.conversation.reference,
        "due_at": escalation.due_at.isoformat(),
        "assignee": person_dict(Person.of(assignee)) if assignee else None,
    }


def person_dict(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "initials": person.initials, "tone": person.tone}


def _people(people: Present) -> list[dict[str, Any]]:
    ordered = sorted(people, key=lambda one: (one.name, one.id))
    return [{**person_dict(person), "typing": people[person]} for person in ordered]
