"""A conversation as consultants read it: every message of every channel, with what stands behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet

from agents.models import RunStep
from conversations.models import Attachment, Channel, Message, Transcription
from omnicqm.console.judging import JudgementCard, judgement_cards

_AUTHORS = {
    Message.Author.ASSISTANT: "Assistant",
    Message.Author.SYSTEM: "Automatic notice",
    Message.Author.CUSTOMER: "Customer",
}
_CHANNEL_ICONS = {"email": "mail", "chat": "chat", "api": "data_object"}
_HELD_OUT = ("search_knowledge",)  # its passages are the sources, which say more


@dataclass(frozen=True)
class Entry:
    """One message of the thread. `side` is customer, us or note; `asks` marks what waits for an answer; `tools` are
    the names of those that the run behind it asked."""

    message: Message
    side: str
    author: str
    icon: str
    asks: bool
    judgement: JudgementCard | None = None
    tools: list[str] = field(default_factory=list)

    @property
    def sources(self) -> list[dict[str, Any]]:
        return self.message.sources

    @property
    def shows_score(self) -> bool:
        return self.by_assistant and self.message.run is not None

    @property
    def by_assistant(self) -> bool:
        return self.message.author == Message.Author.ASSISTANT

    @property
    def by_consultant(self) -> bool:
        """Whether a person answered the customer, so that others can learn from it."""
        return self.side == "us" and self.message.author == Message.Author.CONSULTANT

    @property
    def is_mail(self) -> bool:
        return self.message.channel.kind == Channel.Kind.EMAIL and self.side != "note"

    @property
    def quoted(self) -> str:
        """The mail as it came, where what is read of it leaves something out: quoted threads, signatures."""
        raw = self.message.raw_text.strip()
        return raw if self.is_mail and self.side == "customer" and len(raw) > len(self.message.text) + 20 else ""


def thread_messages() -> "QuerySet[Message]":
    """Messages with all that their entries show."""
    attachments = Attachment.objects.select_related("transcription")
    heard = Transcription.objects.only("id", "message_id", "confidence", "duration_s", "language")
    related = "channel", "consultant", "run", "sender"
    messages = Message.objects.select_related(*related).defer("raw_html", "run__reply_text", "run__sources")
    return messages.prefetch_related(Prefetch("attachments", attachments), Prefetch("transcriptions", heard))


def thread_entries(messages: Iterable[Message], *, asking: frozenset[str] = frozenset()) -> list[Entry]:
    """`messages` in their order, with what the judge says of ours; those whose id is in `asking` are marked."""
    messages = list(messages)
    cards = judgement_cards(message.run_id for message in messages)
    tools = _tools(message.run_id for message in messages)
    return [
        Entry(
            message=message,
            side=_side(message),
            author=_author(message),
            icon=_CHANNEL_ICONS.get(message.channel.kind, "forum"),
            asks=message.pk in asking,
            judgement=cards.get(message.run_id or ""),
            tools=tools.get(message.run_id or "", []),
        )
        for message in messages
    ]


def _tools(run_ids: Iterable[str | None]) -> Mapping[str, list[str]]:
    """By run, each tool once, in the order they were asked first."""
    found: dict[str, list[str]] = {}
    wanted = {run_id for run_id in run_ids if run_id}
    if not wanted:
        return found
    steps = RunStep.objects.filter(run__in=wanted, kind=RunStep.Kind.TOOL).exclude(name__in=_HELD_OUT)
    for run_id, name in steps.order_by("run", "index").values_list("run_id", "name"):
        names = found.setdefault(run_id, [])
        if name not in names:
            names.append(name)
    return found


def _side(message: Message) -> str:
    if message.direction == Message.Direction.NOTE:
        return "note"
    return "customer" if message.direction == Message.Direction.INBOUND else "us"


def _author(message: Message) -> str:
    if message.consultant:
        return message.consultant.get_full_name() or message.consultant.get_username()
    return _AUTHORS.get(message.author, "Consultant")  # type: ignore[call-overload]
