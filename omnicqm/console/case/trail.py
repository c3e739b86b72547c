"""Who did what with a case, and when: the audit trail in words, without a word of what was said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q

from conversations.models import Escalation
from omnicqm.common.models import AuditEvent

MOST = 60
_WORDS = {
    "escalation.opened": ("flag", "handed over to people"),
    "escalation.followed_up": ("reply", "the customer wrote again"),
    "escalation.claimed": ("front_hand", "claimed"),
    "escalation.taken_over": ("front_hand", "taken over"),
    "escalation.assigned": ("person_add", "assigned"),
    "escalation.released": ("undo", "released"),
    "escalation.snoozed": ("snooze", "snoozed"),
    "escalation.woken": ("alarm", "woken"),
    "escalation.handed_over": ("move_up", "handed over"),
    "escalation.reply_held": ("schedule_send", "pressed send"),
    "escalation.reply_undone": ("undo", "took the reply back"),
    "escalation.reply_stopped": ("block", "reply stopped"),
    "escalation.step_ticked": ("check_box", "ticked a step of the guide"),
    "escalation.answered": ("send", "answered"),
    "escalation.resolved": ("task_alt", "resolved"),
    "escalation.closed": ("task_alt", "closed without a reply"),
    "note.written": ("lock", "wrote an internal note"),
    "draft.discarded": ("delete", "discarded the suggestion"),
    "suggestion.requested": ("magic_button", "asked for a suggestion"),
    "customer.merged": ("merge", "merged two customers"),
}
_SHOWN_DETAILS = ("reason", "resolution", "until", "kind", "assignee_id", "queue", "then", "code", "position", "done")


@dataclass(frozen=True)
class Mark:
    """One event: `who` in words, `details` as ``name: value`` of codes and numbers."""

    at: datetime
    icon: str
    what: str
    who: str
    details: str
    event_id: str


def trail_of(escalation: Escalation) -> list[Mark]:
    """The newest first, of the case and its conversation."""
    own = Q(object_type="escalation", object_id=escalation.pk)
    around = Q(object_type="conversation", object_id=escalation.conversation_id)
    events = list(AuditEvent.objects.filter(own | around).order_by("-at")[:MOST])
    names = _names(event.actor for event in events)
    return [_mark(event, names) for event in events]


def _mark(event: AuditEvent, names: dict[str, str]) -> Mark:
    icon, what = _WORDS.get(event.action, ("circle", event.action.replace(".", " ").replace("_", " ")))
    told = [f"{name.replace('_', ' ')}: {event.details[name]}" for name in _SHOWN_DETAILS if event.details.get(name)]
    return Mark(event.at, icon, what, names.get(event.actor, event.actor), ", ".join(told), event.pk)


def _names(actors: Iterable[str]) -> dict[str, str]:
    """``user:3`` as a name; who is no person as what they are."""
    found = set(actors)
    ids = [actor.removeprefix("user:") for actor in found if actor.startswith("user:")]
    users = get_user_model().objects.in_bulk([int(number) for number in ids if number.isdecimal()])
    named = {f"user:{pk}": user.get_full_name() or user.get_username() for pk, user in users.items()}
    machines = {actor: "the system" for actor in found if actor.startswith("system:")}
    customers = {actor: "the customer" for actor in found if actor.startswith("customer:")}
    return named | machines | customers
