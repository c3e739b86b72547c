"""The part of a thread that a page shows: the newest messages first, earlier ones when they are wanted."""

from dataclasses import dataclass

from django.db.models import Q

from conversations.models import Escalation, Message, Query
from omnicqm.console.thread import Entry, thread_entries, thread_messages

SIZE = 20  # messages at a time


@dataclass(frozen=True)
class Window:
    """`entries` oldest first; `earlier` counts the messages before them."""

    entries: list[Entry]
    earlier: int

    @property
    def said(self) -> list[int]:
        """The numbers of those between the customer and people or the assistant."""
        told = [entry.message for entry in self.entries if entry.side != "note"]
        return [message.seq for message in told if message.author != Message.Author.SYSTEM]

    @property
    def first_seq(self) -> int:
        return self.entries[0].message.seq if self.entries else 0

    @property
    def last_seq(self) -> int:
        return self.entries[-1].message.seq if self.entries else 0


def thread_window(escalation: Escalation, *, before: int | None = None, after: int | None = None) -> Window:
    """The newest messages of the case's thread, the `SIZE` ones before `before`, or the first ones after `after`."""
    rows = thread_messages().filter(conversation=escalation.conversation_id)
    if after is not None:
        messages = list(rows.filter(seq__gt=after).order_by("seq")[:SIZE])
    else:
        found = rows.filter(seq__lt=before) if before is not None else rows
        messages = list(found.order_by("-seq")[:SIZE])[::-1]
    # They are counted without a gap, so the number of the first tells how many came before it.
    earlier = messages[0].seq - 1 if messages and after is None else 0
    return Window(thread_entries(messages, asking=_asking(escalation)), earlier)


def entries_since(escalation: Escalation, seq: int) -> list[Entry]:
    """What was said after message `seq`, for somebody whose reply it made stale; notes are no reason for that."""
    rows = thread_messages().filter(conversation=escalation.conversation_id, seq__gt=seq)
    return thread_entries(rows.exclude(direction=Message.Direction.NOTE).order_by("seq")[:SIZE])


def _asking(escalation: Escalation) -> frozenset[str]:
    """The messages that wait for the consultant's answer; one of a conversation taken over may have one already."""
    if escalation.state not in Escalation.ACTIVE:
        return frozenset()
    theirs = Q(pk=escalation.query_id) | Q(answered_with=escalation.query_id)
    return frozenset(Query.objects.filter(theirs, reply=None).values_list("message_id", flat=True))
