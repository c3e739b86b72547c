"""What a guardrail is: a filter elsewhere that looks at texts. Light: it brings no client of the service along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Grounding:
    """What an answer must rest on: the texts it was made from, and the question as it stands alone."""

    sources: Sequence[str]
    query: str


@dataclass(frozen=True)
class GuardrailVerdict:
    """`findings` name what spoke against the text, e.g. ``prompt_attack`` or ``topic:investment advice``."""

    blocked: bool
    findings: tuple[str, ...]


class TextGuard(Protocol):
    def check(
        self,
        text: str,
        *,
        source: Literal["INPUT", "OUTPUT"],
        deadline: float,
        grounding: Grounding | None = None,
    ) -> GuardrailVerdict:
        """The verdict on `text`. `deadline` is a `time.monotonic()` instant.

        Raises a `ModelError` when there is no verdict in time: the caller decides whether to go on without one.
        """
