"""Compose: the words for the customer, or for the consultant who takes over, through the output guard."""

import json
from collections.abc import Callable

from agents.assessment import Assessment
from agents.blocks import facts_wrap
from agents.courtesies import courtesy_reply, salutation_line, unheard_question
from agents.errors import AgentError, OutputInvalid
from agents.guard import GuardedReply, Known
from agents.loop.asking import ask, say
from agents.loop.thinking import Judged, Outcome, Thinking
from agents.providers.base import Purpose, StopReason, ToolResult, ToolUse
from agents.types import Blocker, Decision, Factor

UNWELCOME = {Blocker.SAFETY, Blocker.INJECTION, Blocker.HUMAN_TOOK_OVER, Blocker.LANGUAGE_UNSUPPORTED}
COMPLAINTS = {Factor.PREMIUM_COMPLAINTS, Factor.ANGRY_FRUSTRATED_TONE}


def compose(thinking: Thinking, assessment: Assessment, judged: Judged) -> Outcome:
    """Write what the decision calls for. Only a reply that goes out is streamed to the caller: in the shadow is
    written what would have been sent, and nobody hears of it."""
    salutation = salutation_line(thinking.request.salutation)
    on_sentence = None if judged.shadow else thinking.request.on_sentence
    match judged.shadow or judged.verdict.decision:
        case Decision.AUTO_SEND if assessment.smalltalk:
            courtesy = courtesy_reply(assessment.smalltalk, salutation)
            return Outcome(assessment, judged, text=_send(on_sentence, courtesy))
        case Decision.AUTO_SEND:
            reply = _reply_write(thinking, "answer", on_sentence)
        case Decision.CLARIFY if Blocker.DOUBTFUL_TRANSCRIPT in judged.verdict.reasons:
            question = unheard_question(thinking.request.unsure, salutation)
            return Outcome(assessment, judged, text=_send(on_sentence, question))
        case Decision.CLARIFY:
            reply = _reply_write(thinking, "clarify", on_sentence)
        case _:
            draft = _draft_write(thinking, judged)
            return Outcome(assessment, judged, text=draft.text if draft else "", reply=draft)
    return Outcome(assessment, judged, text=reply.text, reply=reply)


def _send(on_sentence: Callable[[str], None] | None, text: str) -> str:
    """Words of ours that no model wrote."""
    if on_sentence is not None:
        on_sentence(text)
    return text


def _draft_write(thinking: Thinking, judged: Judged) -> GuardedReply | None:
    """A suggestion for the consultant, if there is something to suggest. That there is none harms nobody: thanks alone
    is noise, while regret for a complaint is a beginning."""
    nothing_known = Factor.NO_KNOWLEDGE in judged.factors or not thinking.shelf.entries
    if nothing_known or UNWELCOME & set(judged.verdict.blockers):
        return None
    try:
        draft = _reply_write(thinking, "draft", None)
    except AgentError:
        return None
    return draft if draft.cited or COMPLAINTS & set(judged.factors) else None


def _reply_write(thinking: Thinking, kind: str, on_sentence: Callable[[str], None] | None) -> GuardedReply:
    """Compose through the guard. Raises `GuardHit`, and `OutputInvalid` for a reply that was cut off."""
    say(thinking, thinking.prompts.fill("compose", facts=facts_wrap({"kind": kind})))
    salutation = salutation_line(thinking.request.salutation)
    guarded = GuardedReply(
        thinking.shelf,
        salutation,
        asks_back=kind == "clarify",
        states=kind == "answer",
        on_sentence=on_sentence,
        known=_known(thinking),
    )
    with thinking.recorder.step("compose", kind) as note:
        reply = ask(thinking, Purpose.COMPOSE, on_text=guarded.feed)
        if reply.stop_reason is not StopReason.END_TURN:
            raise OutputInvalid(f"The reply ended with {reply.stop_reason}.")
        note.output = {"chars": len(guarded.text), "cited": guarded.cited}
        with thinking.recorder.step("guard", kind) as guard:
            guarded.close()
            _screen(thinking, guarded)
            guard.output = {"chars": len(guarded.text), "cited": guarded.cited}
        note.output = {**guard.output, "text": guarded.text}
    return guarded


def _screen(thinking: Thinking, guarded: GuardedReply) -> None:
    """The whole reply once more, for a guardrail that judges no single sentences. Raises `GuardHit`."""
    cited = [thinking.shelf.get(number) for number in guarded.cited]
    question = f"{thinking.request.subject}\n{thinking.request.message}".strip()
    thinking.screening.reply_check(guarded.text, sources=[entry.text for entry in cited if entry], question=question)


def _known(thinking: Thinking) -> Known:
    """What this very customer wrote and was told, and what tools said about them."""
    request = thinking.request
    blocks = [block for message in thinking.messages for block in message.content]
    return Known(
        own=[request.subject, request.message, *(turn.text for turn in request.history)],
        told=[block.text for block in blocks if isinstance(block, ToolResult) and block.status == "success"],
        argued=[json.dumps(dict(block.input), ensure_ascii=False) for block in blocks if isinstance(block, ToolUse)],
    )
