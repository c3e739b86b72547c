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
_AGENTS = Path(__file__).parents[2]
# All that moves a score, the rules of guard and screening with their words included. A test holds it against imports.
RULES = (
    "judging/embedded/*.py",
    "judging/claims.py",
    "judging/grading.py",
    "judging/withholding.py",
    "judging/data/*.txt",
    "guard/checks.py",
    "guard/known.py",
    "guard/links.py",
    "guard/units.py",
    "guard/promises/*.py",
    "screening/rules.py",
    "screening/data/*.txt",
    "privacy/finding.py",
    "privacy/kinds.py",
    "providers/local/text.py",
    "providers/local/vectors.py",
    "courtesies.py",
    "cues.py",
    "triggers.py",
    "words.py",
    "data/*.txt",
)


class EmbeddedJudge(Judge):
    """Judges inside this process, the same on every run."""

    name = "embedded"

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """Of the rules themselves, so that no edit is forgotten."""
        return rules_digest(_AGENTS)

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


def rules_files(agents: Path) -> list[Path]:
    """The files of `RULES` in the folder `agents`."""
    return [path for pattern in RULES for path in sorted(agents.glob(pattern)) if path.is_file()]


def rules_digest(agents: Path) -> str:
    """SHA-256 over the files of `RULES` in the folder `agents`."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in rules_files(agents))).hexdigest()
