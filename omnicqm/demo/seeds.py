"""The day's conversations as written down in ``data/conversations.yaml``."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from conversations.channels.base import InboundMessage, Sender
from conversations.models import Channel, Identity

DATA = Path(__file__).parent / "data"
_FILE = DATA / "conversations.yaml"


@dataclass(frozen=True)
class Turn:
    """One message of the customer, `hours_ago` before the demo is loaded."""

    channel: str
    hours_ago: float
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def moment(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.hours_ago)


@dataclass(frozen=True)
class ConsultantAct:
    """What the consultant did: reply, claim or close; `text` is the reply or the reason. Of what was learnt from also:
    send the draft as it was, or add `text` to it."""

    does: str
    hours_ago: float
    text: str = ""

    def moment(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.hours_ago)


@dataclass(frozen=True)
class Seed:
    """A conversation: of a known `customer` (their e-mail address) or of an anonymous chat `visitor`."""

    key: str
    turns: tuple[Turn, ...]
    customer: str = ""
    visitor: str = ""
    subject: str = ""
    consultant: ConsultantAct | None = None

    def external_id(self, index: int) -> str:
        """Under this id the message is known, so that loading twice changes nothing."""
        return f"<demo-{self.key}-{index + 1}@oakember.example>"

    def inbound(self, index: int, channels: dict[str, Channel], conversation_id: str) -> InboundMessage:
        """The message of turn `index` as a channel's door would hand it over."""
        turn = self.turns[index]
        return InboundMessage(
            channel=channels[turn.channel],
            sender=self._sender(),
            text=turn.text,
            subject=self.subject if turn.channel == "outlook" else "",
            external_id=self.external_id(index),
            conversation_id=conversation_id,
            headers=turn.headers,
            metadata={"demo": self.key},
        )

    def _sender(self) -> Sender:
        if self.visitor:
            return Sender(kind=Identity.Kind.VISITOR, value=self.visitor)
        return Sender(kind=Identity.Kind.EMAIL, value=self.customer, verified=True)


def seeds_read() -> list[Seed]:
    """All conversations, in the order of the file."""
    return seeds_of(yaml.safe_load(_FILE.read_text()))


def seeds_of(entries: list[dict[str, Any]]) -> list[Seed]:
    """Conversations as they are written down."""
    return [_seed(entry) for entry in entries]


def _seed(entry: dict[str, Any]) -> Seed:
    consultant = entry.pop("consultant", None)
    turns = tuple(Turn(**_paragraphed(turn)) for turn in entry.pop("turns"))
    act = ConsultantAct(**_paragraphed(consultant)) if consultant else None
    return Seed(**entry, turns=turns, consultant=act)


def _paragraphed(entry: dict[str, Any]) -> dict[str, Any]:
    """YAML folds an empty line into one line end; people put two between paragraphs."""
    return {**entry, "text": entry.get("text", "").strip().replace("\n", "\n\n")}
