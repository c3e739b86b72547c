"""What one run works with, and what comes of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.assessment import Assessment
from agents.gate import Policy, Verdict
from agents.guard import GuardedReply
from agents.journal import Journal
from agents.loop.limits import Limits
from agents.prompts import PromptSet
from agents.providers.base import ModelMessage
from agents.recording import Recorder
from agents.routing import RoutedModel
from agents.screening import Screened, Screening
from agents.tools import Shelf, Toolbox
from agents.types import Decision, Factor, FactorFinding, RunRequest
from agents.vectors import Vector


@dataclass(frozen=True)
class CategoryPolicy:
    """What holds for a category: the gate's policy and the weight of every factor."""

    policy: Policy
    weights: Mapping[Factor, int]


@dataclass
class Thinking:
    """Everything one run works with. `policy_for` answers for a category key, `screened` is what the message was
    flagged for before any model read it.

    `assessment` and `judged` are kept as soon as they are known: a run that fails later still tells what it saw.
    """

    request: RunRequest
    provider: RoutedModel
    prompts: PromptSet
    recorder: Recorder
    journal: Journal
    screening: Screening
    toolbox: Toolbox
    shelf: Shelf
    wishes: Sequence[str]
    categories: Sequence[Mapping[str, Any]]
    policy_for: Callable[[str], CategoryPolicy]
    limits: Limits
    screened: Screened = field(default_factory=Screened)
    messages: list[ModelMessage] = field(default_factory=list)
    assessment: Assessment | None = None
    judged: "Judged | None" = None

    @property
    def category_keys(self) -> Collection[str]:
        return [category["key"] for category in self.categories]


@dataclass(frozen=True)
class Judged:
    """The decision and what it rests on. `shadow` is what it would have been alone, where it works in the shadow."""

    verdict: Verdict
    score: int
    policy: Policy
    factors: Mapping[Factor, FactorFinding]
    vector: Vector
    shadow: Decision | None = None


@dataclass(frozen=True)
class Outcome:
    """What is sent or suggested; `reply` is None for a courtesy and when there is nothing to suggest."""

    assessment: Assessment
    judged: Judged
    text: str = ""
    reply: GuardedReply | None = None
