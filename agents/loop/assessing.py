"""Assess: what the model says about the message, checked."""

from agents.assessment import ASSESSMENT_SCHEMA, Assessment, assessment_parse
from agents.blocks import facts_wrap
from agents.errors import OutputInvalid
from agents.loop.asking import ask, repair, say
from agents.loop.thinking import Thinking
from agents.providers.base import ModelReply, Purpose, StopReason


def assess(thinking: Thinking) -> Assessment:
    """Ask for the assessment; once more when it cannot be used. Raises `OutputInvalid` when it still cannot."""
    say(thinking, thinking.prompts.fill("assess", facts=facts_wrap({"categories": list(thinking.categories)})))
    reply = ask(thinking, Purpose.ASSESS, output=ASSESSMENT_SCHEMA)
    try:
        return _assessment_read(thinking, reply)
    except OutputInvalid as problem:
        repair(thinking, problem.message)
        return _assessment_read(thinking, ask(thinking, Purpose.ASSESS, output=ASSESSMENT_SCHEMA))


def _assessment_read(thinking: Thinking, reply: ModelReply) -> Assessment:
    found = len(thinking.shelf.entries)
    with thinking.recorder.step("assess", "assessment") as note:
        note.output = {"assessment": reply.text}
        if reply.stop_reason is not StopReason.END_TURN:
            raise OutputInvalid(f"It ended with {reply.stop_reason}.")
        return assessment_parse(reply.text, categories=thinking.category_keys, passages=found)
