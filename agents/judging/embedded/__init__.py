"""The embedded judge: needs no account and no network.

Relevance by embedding and by the words of the question that the text takes up, accuracy by holding each claim against
what is cited, safety by the rules of guard and screening. It reads words and likeness, not meaning: what it is worth is
measured against people (`manage.py judge_calibrate`) and told beside every judgement.
"""

import hashlib
from functools import cached_property
from pathlib import Path

from agents.judging.base import Judge
from agents.judging.embedded.accuracy import accuracy_mark, claims_check
from agents.judging.embedded.relevance import relevance_mark
from agents.judging.embedded.safety import safety_mark
from agents.judging.types import JudgeCase, Marks
from agents.judging.withholding import case_clean

RULES_VERSION = "1"  # raised with every change that may move a score
MODEL = "embedded-judge"
_FOLDER = Path(__file__).parent
_READ = ("embedded/accuracy.py", "embedded/relevance.py", "embedded/safety.py", "claims.py", "grading.py")


class EmbeddedJudge(Judge):
    """Judges inside this process, the same on every run."""

    name = "embedded"

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """Of the rules themselves, so that no edit is forgotten."""
        rules = [*(_FOLDER.parent / name for name in _READ), _FOLDER.parent / "data" / "planted.txt"]
        return hashlib.sha256(b"\0".join(path.read_bytes() for path in rules)).hexdigest()

    @cached_property
    def version(self) -> str:  # type: ignore[override]
        return f"embedded-{RULES_VERSION}+{self.digest[:8]}"

    def judge(self, case: JudgeCase, *, deadline: float) -> Marks:
        clean = case_clean(case)
        claims = claims_check(clean)
        return Marks(
            relevance=relevance_mark(clean),
            accuracy=accuracy_mark(clean, claims),
            safety=safety_mark(case, clean),
            claims=tuple(checked.claim for checked in claims),
            model=MODEL,
        )
