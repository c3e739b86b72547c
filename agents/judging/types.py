"""What a judge is given, and what it says. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agents.types import Aspect, Grade, Turn

Kind = Literal["reply", "question", "draft"]


@dataclass(frozen=True)
class Evidence:
    """Something the text cites: by `number`, as in ``[1]``. `tool` names the tool whose result it is; "" for a passage
    of the knowledge base. Its text is untrusted."""

    number: int
    title: str
    text: str
    tool: str = ""


@dataclass(frozen=True)
class JudgeCase:
    """One text to judge. All texts in it are untrusted, the one to judge too.

    `personal` is data of the customer by kind (as in `agents.types.RunRequest`), hidden from models elsewhere.
    `answered_by` is the model that wrote the text; `id` stands in the cost ledger.
    """

    question: str
    reply: str
    kind: Kind = "reply"
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answered_by: str = ""
    id: str = ""


@dataclass(frozen=True)
class Mark:
    """A score from 0 to 1 with its reason; None where there is nothing to score."""

    score: float | None
    rationale: str
    grade: Grade | None = None


@dataclass(frozen=True)
class Claim:
    """A sentence that states something, whether what is cited supports it, and which numbers of it do."""

    text: str
    supported: bool
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Marks:
    """What a judge says of one text. `accuracy` has no score when the text states nothing."""

    relevance: Mark
    accuracy: Mark
    safety: Mark
    claims: tuple[Claim, ...] = ()
    model: str = ""

    def of(self, aspect: Aspect) -> Mark:
        return {Aspect.RELEVANCE: self.relevance, Aspect.ACCURACY: self.accuracy, Aspect.SAFETY: self.safety}[aspect]

    @property
    def verdict(self) -> Grade:
        """The worst of the three grades."""
        grades = [mark.grade for mark in map(self.of, Aspect) if mark.grade is not None]
        return max(grades, key=list(Grade).index)
