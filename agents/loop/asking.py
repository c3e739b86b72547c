"""Speaking with the model: our next words, its reply, and the memory of a run that was killed."""

from collections.abc import Callable

from agents.errors import ModelRefused
from agents.journal import reply_dump, reply_load, request_content
from agents.loop.thinking import Thinking
from agents.providers.base import ModelMessage, ModelReply, ModelRequest, OutputSchema, Purpose, StopReason, Text

OnText = Callable[[str], None]


def say(thinking: Thinking, text: str) -> None:
    """Add our next words; a message of ours that still waits for an answer is continued, for roles must alternate."""
    block = Text(text)
    if thinking.messages and thinking.messages[-1].role == "user":
        thinking.messages[-1] = ModelMessage("user", (*thinking.messages[-1].content, block))
    else:
        thinking.messages.append(ModelMessage("user", (block,)))


def ask(
    thinking: Thinking, purpose: Purpose, *, output: OutputSchema | None = None, on_text: OnText | None = None
) -> ModelReply:
    """The model's reply, which becomes part of the conversation if it is whole.

    Raises `ModelError`, `ModelRefused` among them, and `LimitReached`.
    """
    thinking.limits.check(thinking.provider.usage)
    request = ModelRequest(
        purpose=purpose,
        system=thinking.prompts.fill("system"),
        messages=tuple(thinking.messages),
        deadline=thinking.limits.deadline,
        tools=thinking.toolbox.specs,
        output=output,
    )
    reply = _remembered(thinking, request, on_text)
    if reply.stop_reason is StopReason.REFUSED:
        raise ModelRefused("The model refused to answer.")
    if _is_whole(reply, may_call=purpose is Purpose.GATHER):
        thinking.messages.append(reply.message)
    return reply


def repair(thinking: Thinking, problem: str) -> None:
    """Tell the model why its last output cannot be used."""
    say(thinking, thinking.prompts.fill("repair", problem=problem))


def _is_whole(reply: ModelReply, *, may_call: bool) -> bool:
    """Whether the conversation can go on after it: calls wait for results, and an empty message is none."""
    if reply.tool_uses:
        return may_call and reply.stop_reason is StopReason.TOOL_USE
    return reply.stop_reason is StopReason.END_TURN and bool(reply.text.strip())


def _remembered(thinking: Thinking, request: ModelRequest, on_text: OnText | None) -> ModelReply:
    key = thinking.journal.key("model", request_content(request))
    if (kept := thinking.journal.find(key)) is not None:
        return _replayed(thinking, reply_load(kept), on_text)
    model = thinking.provider
    reply = model.converse_stream(request, on_text) if on_text else model.converse(request)
    thinking.journal.keep(key, reply_dump(reply))
    return reply


def _replayed(thinking: Thinking, reply: ModelReply, on_text: OnText | None) -> ModelReply:
    thinking.provider.remember(reply)
    if on_text is not None:
        on_text(reply.text)
    return reply
