"""Quoting: sentences as they were said, shortened at their end only."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.providers.local.summarising.events import Event
from agents.providers.local.text import Sentence

MAX_CHARS = 200  # of one quoted sentence
_CLAUSE_END = re.compile(r"[,;:–—]\s|\s(?:and|or|but|because|which|und|oder|aber|weil)\s")


@dataclass(frozen=True)
class Said:
    """A sentence and the event it stands in."""

    event: Event
    sentence: Sentence
    place: int  # among all sentences of its matter

    @property
    def text(self) -> str:
        return self.sentence.text


@dataclass(frozen=True)
class Told:
    """A statement of the summary."""

    kind: str
    text: str
    events: tuple[int, ...]
    quotes: tuple[Said, ...] = ()


def said_by(events: Iterable[Event], *, customer: bool) -> list[Said]:
    """The sentences of one side, in order."""
    told = [(event, sentence) for event in events for sentence in event.sentences]
    return [
        Said(event, sentence, place) for place, (event, sentence) in enumerate(told) if event.is_customers is customer
    ]


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
