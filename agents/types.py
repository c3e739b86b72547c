"""Values that pass between the agent and those who use it. Plain data: no model row, no customer, no channel.

The requests and replies of providers are shaped like Bedrock Converse (messages of content blocks, tool specifications
as JSON schema), so that a provider is a thin translation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

REPLAYS = "replay"  # the scope of runs that only try something out


class Factor(StrEnum):
    """The six signals of a run (design: score = 100 - Σ weight x count, not below 0)."""

    NO_KNOWLEDGE = "no_knowledge"
    UNCLEAR_INFO = "unclear_info"
    PREMIUM_COMPLAINTS = "premium_complaints"
    ANGRY_FRUSTRATED_TONE = "angry_frustrated_tone"
    URGENCY = "urgency"
    MULTIPLE_TOPICS = "multiple_topics"


class Decision(StrEnum):
    AUTO_SEND = "auto_send"
    CLARIFY = "clarify"
    ESCALATE = "escalate"


class Autonomy(StrEnum):
    """How much a category or channel lets the agent do alone."""

    AUTO = "auto"
    DRAFT = "draft"
    SHADOW = "shadow"  # it answers, nobody is shown the answer, and afterwards it is compared with a person's

    @classmethod
    def strictest(cls, *levels: "Autonomy") -> "Autonomy":
        """The level of `levels` that allows least; without any, that which allows everything."""
        return max(levels, key=list(cls).index, default=cls.AUTO)


class Aspect(StrEnum):
    """What a judge scores: whether the text answers what was asked, whether what it cites bears it out, whether it is
    fit to be sent."""

    RELEVANCE = "relevance"
    ACCURACY = "accuracy"
    SAFETY = "safety"


class Grade(StrEnum):
    """A score in a word."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


class Blocker(StrEnum):
    """Why a reply may not go out alone whatever its score."""

    ASKED_FOR_PERSON = "asked_for_person"
    UNVERIFIED_ACCOUNT_MATTER = "unverified_account_matter"
    ACCOUNT_MATTER = "account_matter"
    SAFETY = "safety"
    INJECTION = "injection"
    DOUBTFUL_TRANSCRIPT = "doubtful_transcript"
    BUDGET_EXHAUSTED = "budget_exhausted"
    OUTPUT_INVALID = "output_invalid"
    TOOL_FAILED = "tool_failed"
    LIMIT_REACHED = "limit_reached"
    HUMAN_TOOK_OVER = "human_took_over"
    DRAFTS_ONLY = "drafts_only"
    PEOPLE_ONLY = "people_only"
    SHADOW = "shadow"
    AGENT_ESCALATED = "agent_escalated"
    LANGUAGE_UNSUPPORTED = "language_unsupported"


@dataclass(frozen=True)
class Turn:
    """One earlier message of the thread, oldest first in a history. Its text is untrusted."""

    author: Literal["customer", "assistant", "consultant"]
    text: str
    channel: str = ""


@dataclass(frozen=True)
class Source:
    """A passage, or the result of a tool, that a reply rests on; what the reply cites.

    For a tool `document_id` is ``tool:<name>`` and `chunk_id` the id of the call; there is no `external_id`.
    """

    document_id: str
    external_id: str
    title: str
    version: int
    chunk_id: str
    quote: str
    score: float


@dataclass(frozen=True)
class FactorFinding:
    """How often a factor was seen, its weight in this run, and the words that show it."""

    count: int
    weight: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToolCall:
    """What the server knows about one call of a tool; nothing of it can be chosen by the model.

    `key` is the idempotency key: the same for the same tool and arguments however often the run is resumed, or another
    run starts over on the same matter (`RunRequest.origin`). `deadline` is a `time.monotonic()` instant.
    """

    key: str
    run_id: str
    deadline: float


@dataclass(frozen=True)
class Tool:
    """Something the agent may do, run as the customer of the conversation with ids from server state.

    `call` takes the model's arguments (already checked against `schema`, a JSON schema object) by name and returns
    JSON-able data. With `takes_call` it gets the `ToolCall` first. A tool that writes must take it, and must have its
    effect at most once for each `ToolCall.key`, for a resumed run calls it again; a repeated call returns what the
    first one did. `call` may raise `agents.errors.ToolError`, whose message goes back to the model as text, and
    `agents.errors.ToolCrashed`, which ends the run: for a write of which nobody knows whether it happened.

    The result of a `citable` tool is put on the run's shelf, so that the reply may rest on it; `title` names it to the
    customer. Citable is only what the company's own systems say, never what a customer once wrote.

    `call` may run beside other calls in a thread of its own, so it touches nothing of the run. What it returned goes
    through `settle` in the run's thread, in the order in which the model asked, also when a resumed run reads it back:
    there a tool may change the run (its shelf, its wishes); it returns what the model reads.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Callable[..., Any]
    effect: Literal["reads", "writes"] = "reads"
    needs_verified: bool = False
    takes_call: bool = False
    citable: bool = False
    title: str = ""
    settle: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked. `message` and `subject` are clean but untrusted text of the customer.

    `scope` is opaque to the agent (e.g. ``channel:outlook``) and only groups costs and policy. `origin` is opaque too
    and the same for every run that tries to answer the same message, so that the effect of a tool happens once for all
    of them; without it every run stands for itself. `tools` are those the caller offers beside the agent's own and
    those an admin defined. `variables` are facts about the customer that are known for sure (settings.TOOL_VARIABLES
    names them); tools an admin defined send them to the company's systems, a model never sees them.
    `session` and `subject_id` are opaque: what groups runs for whoever looks into them later, such as a conversation,
    and a pseudonym of whom they are about. They are no part of what is asked.
    `personal` is data of the customer that no shape tells, by kind (NAME, ADDRESS, ACCOUNT): it is hidden from models
    elsewhere and from traces. `language` (ISO 639-1) is that of the pages the customer reads; empty when not known.
    `inapplicable_factors` never count (premium_complaints for a customer who is not
    Premium). `blockers` are those the caller already knows. `unsure` are phrases of
    `message` that were heard without certainty (the blocker for a doubtful transcript goes with them): the customer is
    asked for them. `cancelled` is asked before composing. `on_sentence`
    receives the reply sentence by sentence once the decision is taken.
    """

    scope: str
    subject: str
    message: str
    origin: str = ""
    session: str = ""
    subject_id: str = ""
    history: tuple[Turn, ...] = ()
    tools: tuple[Tool, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sender_verified: bool = False
    salutation: str = ""
    language: str = ""
    inapplicable_factors: frozenset[Factor] = frozenset()
    blockers: frozenset[Blocker] = frozenset()
    unsure: tuple[str, ...] = ()
    may_clarify: bool = True
    autonomy: Autonomy = Autonomy.AUTO
    threshold: int | None = None
    cancelled: Callable[[], bool] = lambda: False
    on_sentence: Callable[[str], None] | None = None


@dataclass(frozen=True)
class RunResult:
    """What a run ended with. `reply_text` is Markdown: the reply to send, the question to ask back, or, when the
    decision is escalate, the suggestion for the consultant (may be empty when nothing is known).

    `shadow` is what the agent would have decided alone where it works in the shadow; `reply_text` is then what it
    would have written, which no consultant is shown before they have answered themselves.
    """

    run_id: str
    decision: Decision
    reasons: tuple[str, ...]
    blockers: tuple[Blocker, ...]
    score: int
    threshold: int
    factors: Mapping[Factor, FactorFinding]
    explanation: str
    intent: str
    category: str
    support: float
    reply_text: str
    sources: tuple[Source, ...]
    model_used: str
    latency_ms: int
    summary: str = ""
    language: str = "en"
    details: Mapping[str, Any] = field(default_factory=dict)
    shadow: Decision | None = None
