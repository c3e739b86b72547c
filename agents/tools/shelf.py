"""The shelf: what a run has found and may cite."""

from dataclasses import dataclass, field

from knowledge.selectors import Passage


@dataclass
class Shelf:
    """The passages a run has found, numbered from 1 in the order they were first seen; citations are these numbers."""

    passages: list[Passage] = field(default_factory=list)

    def add(self, passage: Passage) -> int:
        for number, known in enumerate(self.passages, start=1):
            if known.chunk_id == passage.chunk_id:
                return number
        self.passages.append(passage)
        return len(self.passages)

    def get(self, number: int) -> Passage | None:
        return self.passages[number - 1] if 0 < number <= len(self.passages) else None
