"""When a reply is refused because something happened meanwhile: what it was, to be read beside the text."""

from dataclasses import dataclass

from conversations.errors import Overtaken
from conversations.models import Escalation, HeldReply
from omnicqm.common.errors import OmniError
from omnicqm.console.case.page import CasePage, held_of
from omnicqm.console.case.window import entries_since
from omnicqm.console.thread import Entry

_TITLES = {
    "customer_wrote_again": "The customer has written again",
    "colleague_replied": "A colleague has replied",
    "escalation_taken": "A colleague works on this case",
    "escalation_over": "This case is over",
    "reply_is_held": "A reply is about to go out",
}


@dataclass(frozen=True)
class Conflict:
    """`entries` were said after what the reader had seen; `who` did it, where it was a person of ours."""

    title: str
    message: str
    entries: list[Entry]
    who: str = ""


def conflict_of(escalation: Escalation, error: OmniError, *, known_seq: int) -> Conflict:
    """`escalation` as it is now; `known_seq` is the newest message that the reader had seen."""
    who = error.changed.who if isinstance(error, Overtaken) else ""
    title = _TITLES.get(error.code, "Something has changed")
    return Conflict(title, error.message, entries_since(escalation, known_seq), who)


def conflict_stopped(page: CasePage) -> Conflict | None:
    """Why the reply that was held did not go out."""
    held = page.stopped
    if held is None:
        return None
    title = _TITLES.get(held.reason_code, "Your reply was not sent")
    return Conflict(title, held.reason, entries_since(page.escalation, held.known_seq))


def reply_kept(escalation: Escalation) -> HeldReply | None:
    """What a consultant wrote, sent and got back; None when there is nothing of the kind, or it was discarded since."""
    held = held_of(escalation)
    if held is None or held.state not in type(held).DRAFT or held.ended_at is None:
        return None
    discarded = escalation.packet.get("discarded")
    if discarded is not None and discarded["at"] > held.ended_at.isoformat(timespec="seconds"):
        return None
    return held
