"""Quoting: sentences as they were said, shortened at their end only."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.words import deed_in
from agents.providers.local.text import Sentence

MAX_CHARS = 200  # of one quoted sentence
# How notes begin that tell what a customer wanted: "Customer called about …", "Reported a lost card".
_OF_CUSTOMER = re.compile(
    r"(?:the )?(?:customer|caller|client|cust|cx|kund(?:e|in))\b(?! (?:service|support|care|was|has been|is) )|"
    r"(?:called|reported|in?quired|enquired|asked|requested|complained|want(?:s|ed)|disput(?:es|ed)|contacted)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I've|I'd|my|me|ich|mein\w*|mir|mich)\b")
_CLAUSE_END = re.compile(r"[,;:–—]\s|\s(?:and|or|but|because|which|und|oder|aber|weil)\s")


@dataclass(frozen=True)
class Said:
    """A sentence and the event it stands in. `place` counts the sentences of its matter."""

    event: Event
    sentence: Sentence
    place: int

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def is_customers(self) -> bool:
        """Whether it tells the customer's side: their own words, or what somebody noted of them."""
        if self.event.author != "other":
            return self.event.is_customers
        return bool(_OF_CUSTOMER.match(self.text)) or (bool(_FIRST_PERSON.search(self.text)) and not deed_in(self.text))

    @property
    def opens(self) -> bool:
        """Whether its event begins with it."""
        return self.sentence is self.event.sentences[0]


@dataclass(frozen=True)
class Told:
    """A statement of the summary, and the sentences it quotes."""

    kind: str
    text: str
    events: tuple[int, ...]
    quotes: tuple[Said, ...] = ()


def said_of(events: Iterable[Event]) -> list[Said]:
    """All sentences that say something, in order."""
    told = [(event, sentence) for event in events for sentence in event.sentences]
    return [Said(event, sentence, place) for place, (event, sentence) in enumerate(told)]


def told_of(kind: str, label: str, said: Sequence[Said]) -> Told:
    """A statement that quotes `said`."""
    numbers = tuple(dict.fromkeys(one.event.number for one in said))
    return Told(kind, f"{label}: {quote(said)}" if label else quote(said), numbers, tuple(said))


def quote(said: Sequence[Said]) -> str:
    """The sentences in quotation marks; those that follow each other share theirs."""
    parts: list[list[Said]] = []
    for one in said:
        if parts and parts[-1][-1].event is one.event and parts[-1][-1].place + 1 == one.place:
            parts[-1].append(one)
        else:
            parts.append([one])
    return " … ".join(f"“{' '.join(clip(one.text) for one in part)}”" for part in parts)


def clip(text: str, most: int = MAX_CHARS) -> str:
    """`text`, ended with an ellipsis after a whole clause or word when it is longer than `most` characters."""
    text = text.strip().strip('“”"').strip()
    if len(text) <= most:
        return text
    head = text[:most]
    ends = [match.start() for match in _CLAUSE_END.finditer(head) if match.start() > most // 2]
    end = ends[-1] if ends else head.rfind(" ")
    return f"{head[: end if end > 0 else most].rstrip(' ,;:')} …"
