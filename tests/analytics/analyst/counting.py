"""Asks whole files of questions and counts."""

from dataclasses import dataclass, field
from pathlib import Path

from analytics.analyst.grammar.asked import Asked, Missed
from analytics.analyst.grammar.reading import question_read
from analytics.analyst.grammar.understanding import understand
from analytics.querying import spec_dump
from tests.analytics.analyst.figures import TODAY, lexicon, lines_read

_LEXICON = lexicon()


@dataclass
class Counted:
    """How a file of questions was answered; `wrong` holds what was asked and what was made of it."""

    right: int = 0
    wrong: list[tuple[str, Asked]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all(self) -> int:
        return self.right + len(self.wrong) + len(self.refused)


def ask(question: str, previous: Asked | None = None) -> Asked | Missed:
    reading = question_read(question, _LEXICON, TODAY)
    return understand(reading, previous, today=TODAY, lexicon=_LEXICON, text=question)


def spec_of(asked: Asked) -> dict:
    spec = spec_dump(asked.spec)
    del spec["text"]
    return spec


def dialogues_count(path: Path) -> Counted:
    """Each turn goes on from what the turn before was understood as, right or wrong."""
    counted = Counted()
    for line in lines_read(path):
        previous: Asked | None = None
        for turn in line["turns"]:
            found = ask(turn["question"], previous)
            if isinstance(found, Missed):
                counted.refused.append((turn["question"], found.reason))
            elif spec_of(found) == turn["spec"] and turn.get("chart", found.chart) == found.chart:
                counted.right += 1
            else:
                counted.wrong.append((turn["question"], found))
            previous = found if isinstance(found, Asked) else None
    return counted


def refusals_count(path: Path) -> Counted:
    """Every question of the file is to be refused: an answer is wrong."""
    counted = Counted()
    for line in lines_read(path):
        found = ask(line["question"])
        if isinstance(found, Missed):
            counted.refused.append((line["question"], found.reason))
        else:
            counted.wrong.append((line["question"], found))
    return counted
