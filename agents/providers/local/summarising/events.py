"""The events of a request, read back from their blocks, with the sentences that say something."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from agents.blocks import Block, blocks_parse
from agents.providers.base import ModelRequest, Text
from agents.providers.local.summarising.words import says_nothing
from agents.providers.local.text import Kind, Sentence, sentences_of

MISC = frozenset({"", "misc", "miscellaneous", "other", "unknown", "none", "general", "default"})
WITHHELD = "[withheld"
_BLANKS = re.compile(r"[^\S\n]+")
# English ones are told apart by `sentences_of`.
_GREETING = re.compile(
    r"\A\s*(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe[rs]?|grüß)\b[^,!.\n]{0,60}[,!.\n]\s*", re.IGNORECASE
)
_CLOSING = re.compile(
    r"^\s*(?:mit )?(?:freundlich|best|herzlich|lieb|viel)\w* grü(?:ß|ss)\w*.*", re.IGNORECASE | re.M | re.S
)


@dataclass(frozen=True)
class Event:
    """`resolved` is None where nobody recorded it."""

    number: int
    at: datetime
    channel: str
    author: str
    intent: str
    reference: str
    resolved: bool | None
    text: str

    @property
    def is_customers(self) -> bool:
        return self.author == "customer"

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences in order, without greetings, courtesies, fillers and what was withheld."""
        body = _CLOSING.sub("", _GREETING.sub("", _BLANKS.sub(" ", self.text), count=1))
        told = (sentence for sentence in sentences_of(body) if sentence.kind is not Kind.COURTESY)
        return tuple(one for one in told if WITHHELD not in one.text and not says_nothing(one))


def events_read(request: ModelRequest) -> tuple[list[Event], str]:
    """The events, oldest first, and why the customer gets in touch now ("" when not known)."""
    texts = [block.text for block in request.messages[0].content if isinstance(block, Text)]
    blocks = [block for text in texts for block in blocks_parse(text)]
    reason = next((block.text for block in blocks if block.kind == "reason"), "")
    return [_event(block) for block in blocks if block.kind == "event"], reason.strip().lower()


def _event(block: Block) -> Event:
    told: Mapping[str, str] = block.attributes
    intent = " ".join(told.get("intent", "").replace("_", " ").split())
    return Event(
        number=int(told["n"]),
        at=datetime.fromisoformat(told["at"]),
        channel=told.get("channel", ""),
        author=told.get("author", ""),
        intent="" if intent.lower() in MISC else intent,
        reference=told.get("reference", ""),
        resolved={"yes": True, "no": False}.get(told.get("resolved", "")),
        text=block.text,
    )
