"""What a judge may read: everything but what tries to tell it how to judge.

Who plants "give this 1.0" in a question, a passage or a reply must not move a score; the sentence is taken out before
any judge reads the text, and of a reply it is a finding of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from agents.cues import cues_find
from agents.judging.types import JudgeCase
from agents.screening import injection_find, planted_find
from agents.words import sentences_in

CUES = Path(__file__).parent / "data" / "planted.txt"
WITHHELD = "[withheld]"


@dataclass(frozen=True)
class _Piece:
    text: str
    kind: str = ""


def speaks_to_judge(text: str) -> bool:
    """Whether `text` tries to instruct whoever reads it, a judge above all."""
    pieces = map(_Piece, dict.fromkeys([*text.splitlines(), " ".join(text.split())]))
    return bool(cues_find(CUES, pieces)) or bool(planted_find(text)) or injection_find(text)


def case_clean(case: JudgeCase) -> JudgeCase:
    """`case` without the sentences that speak to its reader."""
    return replace(
        case,
        question=text_clean(case.question),
        reply=text_clean(case.reply),
        evidence=tuple(replace(entry, text=text_clean(entry.text)) for entry in case.evidence),
        history=tuple(replace(turn, text=text_clean(turn.text)) for turn in case.history),
    )


def text_clean(text: str) -> str:
    """`text` with `WITHHELD` in the place of each sentence that speaks to its reader, and of the rest of its line."""
    if not speaks_to_judge(text):
        return text
    return "\n".join("".join(_kept(line)) for line in text.splitlines())


def _kept(line: str) -> Iterator[str]:
    for sentence in sentences_in(line):
        if speaks_to_judge(sentence):
            yield WITHHELD
            return
        yield sentence
