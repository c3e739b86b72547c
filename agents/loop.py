"""The agent loop: gather, assess, score, gate, and only then compose. Plain code, no framework, no database.

Whatever ends a run early is an `AgentError`; `agents.services` turns it into an escalation.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.assessment import ASSESSMENT_SCHEMA, Assessment, assessment_parse
from agents.blocks import block_wrap, facts_wrap
from agents.courtesies import courtesy_reply, salutation_line
from agents.errors import AgentError, LimitReached, ModelRefused, OutputInvalid
from agents.factors import factors_weigh, score_compute
from agents.gate import SUPPORT_FLOOR, Policy, Signals, Verdict, gate_decide
from agents.guard import GuardedReply
from agents.prompts import PromptSet
from agents.providers.base import (
    ModelMessage,
    ModelReply,
    ModelRequest,
    OutputSchema,
    Purpose,
    StopReason,
    Text,
)
from agents.recording import Recorder
from agents.routing import RoutedModel
from agents.tools import Shelf, Toolbox
from agents.types import Blocker, Decision, Factor, FactorFinding, RunRequest, Turn

MAX_TURNS = 6
MAX_MESSAGE_CHARS = 20_000
MAX_HISTORY_TURNS = 12
MAX_TURN_CHARS = 2_000
SETTLED_BY_ASKING = (Factor.UNCLEAR_INFO, Factor.NO_KNOWLEDGE)


@dataclass(frozen=True)
class CategoryPolicy:
    """What holds for a category: the gate's policy and the weight of every factor."""

    policy: Policy
    weights: Mapping[Factor, int]


@dataclass
class Thinking:
    """Everything one run works with. `policy_for` answers for a category key, `deadline` is when the run must end.

    `assessment` and `judged` are kept as soon as they are known: a run that fails later still tells what it saw.
    """

    request: RunRequest
    provider: RoutedModel
    prompts: PromptSet
    recorder: Recorder
    toolbox: Toolbox
    shelf: Shelf
    wishes: Sequence[str]
    categories: Sequence[Mapping[str, Any]]
    policy_for: Callable[[str], CategoryPolicy]
    deadline: float
    messages: list[ModelMessage] = field(default_factory=list)
    assessment: Assessment | None = None
    judged: "Judged | None" = None

    @property
    def category_keys(self) -> Collection[str]:
        return [category["key"] for category in self.categories]


@dataclass(frozen=True)
class Judged:
    """The decision and what it rests on."""

    verdict: Verdict
    score: int
    policy: Policy
    factors: Mapping[Factor, FactorFinding]


@dataclass(frozen=True)
class Outcome:
    """What is sent or suggested; `reply` is None for a courtesy and when there is nothing to suggest."""

    assessment: Assessment
    judged: Judged
    text: str = ""
    reply: GuardedReply | None = None


def run_think(thinking: Thinking) -> Outcome:
    """Think one message through. Raises `AgentError` when it cannot be done within the limits and rules."""
    gather(thinking)
    thinking.assessment = assess(thinking)
    thinking.provider.language = thinking.assessment.language
    thinking.judged = judge(thinking, thinking.assessment)
    return compose(thinking, thinking.assessment, thinking.judged)


# --- Gather ----------------------------------------------------------------------------------------------------------
def gather(thinking: Thinking) -> None:
    """Let the model call tools until it has enough. Raises `LimitReached` after the last allowed turn."""
    task = thinking.prompts.fill("gather", message=message_blocks(thinking.request))
    _say(thinking, task)
    for _ in range(MAX_TURNS):
        reply = _ask(thinking, Purpose.GATHER)
        if reply.stop_reason is not StopReason.TOOL_USE:
            return
        if not reply.tool_uses:
            raise OutputInvalid("The model stopped for a tool and named none.")
        thinking.messages.append(ModelMessage("user", tuple(_tools_run(thinking, reply))))
    raise LimitReached(f"The model still called tools after {MAX_TURNS} turns.")


def message_blocks(request: RunRequest) -> str:
    """The customer's message, its thread and our facts about it, as the model reads them."""
    turns = [_turn_block(turn) for turn in request.history[-MAX_HISTORY_TURNS:]]
    parts = [
        facts_wrap({"sender_verified": request.sender_verified, "may_clarify": request.may_clarify}),
        *turns,
        block_wrap("subject", request.subject[:300]) if request.subject else "",
        block_wrap("customer_message", request.message[:MAX_MESSAGE_CHARS]),
        block_wrap("salutation", salutation_line(request.salutation)) if request.salutation else "",
    ]
    return "\n".join(filter(None, parts))


def _turn_block(turn: Turn) -> str:
    return block_wrap("turn", turn.text[:MAX_TURN_CHARS], author=turn.author, channel=turn.channel)


def _tools_run(thinking: Thinking, reply: ModelReply) -> list[Any]:
    results = []
    for use in reply.tool_uses:
        _time_check(thinking)
        with thinking.recorder.step("tool", use.name, arguments=dict(use.input)) as note:
            result = thinking.toolbox.run(use)
            note.output = {"status": result.status, "text": result.text}
        results.append(result)
    return results


# --- Assess ----------------------------------------------------------------------------------------------------------
def assess(thinking: Thinking) -> Assessment:
    """Ask for the assessment; once more when it cannot be used. Raises `OutputInvalid` when it still cannot."""
    _say(thinking, thinking.prompts.fill("assess", facts=facts_wrap({"categories": list(thinking.categories)})))
    reply = _ask(thinking, Purpose.ASSESS, output=ASSESSMENT_SCHEMA)
    try:
        return _assessment_read(thinking, reply)
    except OutputInvalid as problem:
        _say(thinking, thinking.prompts.fill("repair", problem=problem.message))
        return _assessment_read(thinking, _ask(thinking, Purpose.ASSESS, output=ASSESSMENT_SCHEMA))


def _assessment_read(thinking: Thinking, reply: ModelReply) -> Assessment:
    if reply.stop_reason is not StopReason.END_TURN:
        raise OutputInvalid(f"It ended with {reply.stop_reason}.")
    found = len(thinking.shelf.entries)
    with thinking.recorder.step("assess", "assessment") as note:
        assessment = assessment_parse(reply.text, categories=thinking.category_keys, passages=found)
        note.output = {"assessment": reply.text}
    return assessment


# --- Score and gate --------------------------------------------------------------------------------------------------
def judge(thinking: Thinking, assessment: Assessment) -> Judged:
    """Factors, score and decision, outside the model."""
    request, settings = thinking.request, thinking.policy_for(assessment.category)
    factors = factors_weigh(_counts(assessment), settings.weights, request.inapplicable_factors)
    score = score_compute(factors)
    signals = Signals(
        score=score,
        score_if_clear=score_compute(factors, leave_out=SETTLED_BY_ASKING),
        support=assessment.support,
        blockers=_blockers(thinking, assessment),
        clarifiable=assessment.underspecified and request.may_clarify,
        needs_support=not assessment.smalltalk,
    )
    verdict = gate_decide(signals, settings.policy)
    with thinking.recorder.step("gate", verdict.decision) as note:
        note.output = {"score": score, "threshold": settings.policy.threshold, "reasons": verdict.reasons}
    return Judged(verdict, score, settings.policy, factors)


def _counts(assessment: Assessment) -> dict[Factor, tuple[int, Sequence[str]]]:
    """The model's counts; what has no support is counted as no knowledge even if the model did not say so."""
    counts: dict[Factor, tuple[int, Sequence[str]]] = dict(assessment.counts)
    unclear = assessment.underspecified or counts[Factor.UNCLEAR_INFO][0] > 0
    asks_nothing = bool(assessment.smalltalk) or Blocker.ASKED_FOR_PERSON in assessment.flags
    if not (unclear or asks_nothing) and assessment.support < SUPPORT_FLOOR and not counts[Factor.NO_KNOWLEDGE][0]:
        counts[Factor.NO_KNOWLEDGE] = (1, ("no passage answers it",))
    return counts


def _blockers(thinking: Thinking, assessment: Assessment) -> frozenset[Blocker]:
    request, languages = thinking.request, thinking.provider.capabilities.languages
    found = {*request.blockers, *assessment.flags}
    if assessment.account_matter and not request.sender_verified:
        found.add(Blocker.UNVERIFIED_ACCOUNT_MATTER)
    if languages is not None and assessment.language not in languages:
        found.add(Blocker.LANGUAGE_UNSUPPORTED)
    if len(request.message) > MAX_MESSAGE_CHARS:
        found.add(Blocker.LIMIT_REACHED)
    if thinking.wishes and not found:
        found.add(Blocker.AGENT_ESCALATED)
    if request.cancelled():
        found.add(Blocker.HUMAN_TOOK_OVER)
    return frozenset(found)


# --- Compose ---------------------------------------------------------------------------------------------------------
def compose(thinking: Thinking, assessment: Assessment, judged: Judged) -> Outcome:
    """Write what the decision calls for. Only a reply that goes out is streamed to the caller."""
    match judged.verdict.decision:
        case Decision.AUTO_SEND if assessment.smalltalk:
            return Outcome(assessment, judged, text=_courtesy_send(thinking, assessment))
        case Decision.AUTO_SEND:
            reply = _reply_write(thinking, "answer", thinking.request.on_sentence)
        case Decision.CLARIFY:
            reply = _reply_write(thinking, "clarify", thinking.request.on_sentence)
        case _:
            draft = _draft_write(thinking, judged)
            return Outcome(assessment, judged, text=draft.text if draft else "", reply=draft)
    return Outcome(assessment, judged, text=reply.text, reply=reply)


def _courtesy_send(thinking: Thinking, assessment: Assessment) -> str:
    text = courtesy_reply(assessment.smalltalk, salutation_line(thinking.request.salutation))
    if thinking.request.on_sentence is not None:
        thinking.request.on_sentence(text)
    return text


def _draft_write(thinking: Thinking, judged: Judged) -> GuardedReply | None:
    """A suggestion for the consultant, if there is something to suggest; that there is none harms nobody."""
    unwelcome = {Blocker.SAFETY, Blocker.INJECTION, Blocker.HUMAN_TOOK_OVER, Blocker.LANGUAGE_UNSUPPORTED}
    nothing_known = Factor.NO_KNOWLEDGE in judged.factors or not thinking.shelf.entries
    if nothing_known or unwelcome & set(judged.verdict.blockers):
        return None
    try:
        return _reply_write(thinking, "draft", None)
    except AgentError:
        return None


def _reply_write(thinking: Thinking, kind: str, on_sentence: Callable[[str], None] | None) -> GuardedReply:
    """Compose through the guard. Raises `GuardHit`, and `OutputInvalid` for a reply that was cut off."""
    _say(thinking, thinking.prompts.fill("compose", facts=facts_wrap({"kind": kind})))
    salutation = salutation_line(thinking.request.salutation)
    guarded = GuardedReply(thinking.shelf, salutation, asks_back=kind == "clarify", on_sentence=on_sentence)
    with thinking.recorder.step("compose", kind) as note:
        reply = _ask(thinking, Purpose.COMPOSE, on_text=guarded.feed)
        if reply.stop_reason is not StopReason.END_TURN:
            raise OutputInvalid(f"The reply ended with {reply.stop_reason}.")
        guarded.close()
        note.output = {"chars": len(guarded.text), "cited": guarded.cited}
    return guarded


# --- Asking the model ------------------------------------------------------------------------------------------------
def _say(thinking: Thinking, text: str) -> None:
    """Add our next words; a message of ours that still waits for an answer is continued, for roles must alternate."""
    block = Text(text)
    if thinking.messages and thinking.messages[-1].role == "user":
        thinking.messages[-1] = ModelMessage("user", (*thinking.messages[-1].content, block))
    else:
        thinking.messages.append(ModelMessage("user", (block,)))


def _ask(
    thinking: Thinking,
    purpose: Purpose,
    *,
    output: OutputSchema | None = None,
    on_text: Callable[[str], None] | None = None,
) -> ModelReply:
    _time_check(thinking)
    request = ModelRequest(
        purpose=purpose,
        system=thinking.prompts.fill("system"),
        messages=tuple(thinking.messages),
        deadline=thinking.deadline,
        tools=thinking.toolbox.specs,
        output=output,
    )
    model = thinking.provider
    reply = model.converse_stream(request, on_text) if on_text else model.converse(request)
    if reply.stop_reason is StopReason.REFUSED:
        raise ModelRefused("The model refused to answer.")
    thinking.messages.append(reply.message)
    return reply


def _time_check(thinking: Thinking) -> None:
    if time.monotonic() >= thinking.deadline:
        raise LimitReached("The run took longer than it may.")
