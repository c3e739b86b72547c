"""Rules of the conversation: who speaks when, what a block may hold, and that every tool use is answered."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.simulators.bedrock.refusals import invalid

Message = Mapping[str, Any]
_SPEAKERS = {"toolUse": "assistant", "toolResult": "user", "reasoningContent": "assistant", "guardContent": "user"}


def messages_check(messages: Sequence[Message]) -> None:
    """Raises `Refusal` for a conversation that breaks a rule."""
    if not messages:
        raise invalid("A conversation must have at least one message.")
    _roles_check(messages)
    for number, message in enumerate(messages):
        _content_check(number, message)
    _tool_uses_check(messages)


def _roles_check(messages: Sequence[Message]) -> None:
    if messages[0]["role"] != "user":
        raise invalid("A conversation must start with a user message. Try again with a conversation that starts so.")
    for before, after in pairwise(messages):
        if before["role"] == after["role"]:
            raise invalid(
                "A conversation must alternate between user and assistant roles. Make sure the conversation "
                "alternates between user and assistant roles and try again."
            )


def _content_check(number: int, message: Message) -> None:
    if not message["content"]:
        raise invalid(
            f"The content field in the Message object at messages.{number} is empty. Add a ContentBlock object to the "
            "content field and try again."
        )
    for index, block in enumerate(message["content"]):
        kind = next(iter(block))
        if _SPEAKERS.get(kind, message["role"]) != message["role"]:
            raise invalid(f"{kind} at messages.{number}.content.{index} is not allowed for role {message['role']}.")
        if not _has_text(block):
            raise invalid(
                f"The text field in the ContentBlock object at messages.{number}.content.{index} is blank. Add text to "
                "the text field, and try again."
            )


def _has_text(block: Mapping[str, Any]) -> bool:
    texts = [block["text"]] if "text" in block else []
    if "guardContent" in block and "text" in block["guardContent"]:
        texts.append(block["guardContent"]["text"]["text"])
    return all(text.strip() for text in texts)


# --- Tool uses and their results -------------------------------------------------------------------------------------
def _tool_uses_check(messages: Sequence[Message]) -> None:
    pending: list[str] = []
    for number, message in enumerate(messages):
        answered = ids_of(message, "toolResult")
        if missing := [use for use in pending if use not in answered]:
            raise invalid(f"Expected toolResult blocks at messages.{number}.content for the following Ids: {missing}")
        if len(answered) > len(pending) or len(set(answered)) < len(answered):
            raise invalid(
                f"The number of toolResult blocks at messages.{number}.content exceeds the number of toolUse blocks of "
                "previous turn."
            )
        pending = ids_of(message, "toolUse")
        if len(set(pending)) < len(pending):
            raise invalid(f"The toolUse blocks at messages.{number}.content contain duplicate Ids: {pending}")
    if pending:
        raise invalid(
            f"Expected toolResult blocks at messages.{len(messages)}.content for the following Ids: {pending}"
        )


def ids_of(message: Message, kind: str) -> list[str]:
    """The toolUseId of every block of `kind` (toolUse or toolResult), in order."""
    return [block[kind]["toolUseId"] for block in message["content"] if kind in block]


def blocks_of(messages: Sequence[Message]) -> Iterator[Mapping[str, Any]]:
    """Every content block of the conversation."""
    for message in messages:
        yield from message["content"]
