"""Gather: the model calls tools until it has enough."""

from collections.abc import Sequence

from agents.blocks import block_wrap, facts_wrap
from agents.courtesies import salutation_line
from agents.errors import LimitReached, OutputInvalid
from agents.loop.asking import ask, repair, say
from agents.loop.thinking import Thinking
from agents.providers.base import ModelMessage, ModelReply, Purpose, StopReason, ToolResult
from agents.screening import planted_find
from agents.tools.own import passages_noted
from agents.types import RunRequest, Turn

MAX_TURNS = 6
MAX_MESSAGE_CHARS = 20_000
MAX_HISTORY_TURNS = 12
MAX_TURN_CHARS = 2_000
WITHHELD = "[withheld: it tries to instruct whoever reads it]"


def gather(thinking: Thinking) -> None:
    """Let the model call tools until it has enough; once it may repair an output that is of no use.

    Raises `LimitReached` after the last allowed turn and `OutputInvalid` after the second useless output.
    """
    say(thinking, thinking.prompts.fill("gather", message=message_blocks(thinking.request)))
    repaired = False
    for _ in range(MAX_TURNS):
        reply = ask(thinking, Purpose.GATHER)
        if reply.stop_reason is StopReason.TOOL_USE and reply.tool_uses:
            thinking.messages.append(ModelMessage("user", tuple(_tools_run(thinking, reply))))
        elif reply.stop_reason is StopReason.END_TURN and not reply.tool_uses:
            return
        elif repaired:
            raise OutputInvalid(f"It ended with {reply.stop_reason} again.")
        else:
            repaired = True
            repair(thinking, f"It ended with {reply.stop_reason}: call tools, or end your turn.")
    raise LimitReached(f"The model still called tools after {MAX_TURNS} turns.")


def message_blocks(request: RunRequest) -> str:
    """The customer's message, its thread and our facts about it, as the model reads them."""
    turns = [_turn_block(turn) for turn in request.history[-MAX_HISTORY_TURNS:]]
    known = {"customer_language": request.language} if request.language else {}
    parts = [
        facts_wrap({"sender_verified": request.sender_verified, "may_clarify": request.may_clarify, **known}),
        *turns,
        block_wrap("subject", request.subject[:300]) if request.subject else "",
        block_wrap("customer_message", request.message[:MAX_MESSAGE_CHARS]),
        block_wrap("salutation", salutation_line(request.salutation)) if request.salutation else "",
    ]
    return "\n".join(filter(None, parts))


def _turn_block(turn: Turn) -> str:
    text = turn.text[:MAX_TURN_CHARS]
    return block_wrap("turn", WITHHELD if planted_find(text) else text, author=turn.author, channel=turn.channel)


def _tools_run(thinking: Thinking, reply: ModelReply) -> Sequence[ToolResult]:
    thinking.limits.check(thinking.provider.usage)
    results = []
    for called in thinking.toolbox.call_all(reply.tool_uses):
        with thinking.recorder.step("tool", called.use.name, arguments=dict(called.use.input)) as note:
            note.ms, note.began = called.ms, called.began
            result = thinking.toolbox.result_of(called)
            note.output = {"status": result.status, "text": result.text, **passages_noted(called)}
        results.append(result)
    return results
