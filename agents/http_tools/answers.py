"""What a company's system answered, as data for a model: checked, capped, and only the parts that were asked for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.errors import ToolError
from omnicqm.common.outgoing import OutgoingAnswer
from omnicqm.common.text import data_clean, text_clean

MAX_DEPTH = 20
_REFUSED = {
    404: "The service knows nothing under these arguments.",
    410: "The service knows nothing under these arguments any more.",
    401: "The service does not let us in. A person has to look at it.",
    403: "The service does not let us in. A person has to look at it.",
    429: "The service is busy now.",
}


def answer_read(answer: OutgoingAnswer, pointers: Sequence[str]) -> Any:
    """The data of `answer`: JSON, of which `pointers` (RFC 6901) pick values, or plain text.

    Raises `ToolError` in words for a model: for any status but 2xx, another content type, JSON that is cut off, broken
    or nested too deep, and pointers that find nothing. The error never repeats what the service said.
    """
    if not answer.is_success:
        raise ToolError(status_words(answer.status))
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return _picked(_json(answer), pointers)
    if kind == "text/plain":
        return _text(answer)
    if not answer.body:
        return {"status": "done"}
    raise ToolError("The service answered neither JSON nor plain text, which cannot be read.")


def status_words(status: int) -> str:
    """What a status other than success means, in words for a model."""
    if 300 <= status < 400:
        return f"The service answered with a redirect ({status}), which is not followed."
    if status >= 500:
        return f"The service failed ({status})."
    return _REFUSED.get(status, f"The service refused these arguments ({status}).")


def _text(answer: OutgoingAnswer) -> str:
    text = text_clean(answer.body.decode("utf-8", "replace"))
    return f"{text} …" if answer.truncated else text


def _json(answer: OutgoingAnswer) -> Any:
    if answer.truncated:
        raise ToolError("The service answered more than can be read. Ask for less.")
    try:
        data = json.loads(answer.body, parse_constant=lambda name: None)
        if _depth(data) > MAX_DEPTH:
            raise ValueError("nested too deep")
    except (ValueError, RecursionError) as error:
        raise ToolError("The service answered with broken JSON.") from error
    return data_clean(data)


def _depth(data: Any) -> int:
    if isinstance(data, dict):
        return 1 + max((_depth(value) for value in data.values()), default=0)
    return 1 + max((_depth(value) for value in data), default=0) if isinstance(data, list) else 0


def _picked(data: Any, pointers: Sequence[str]) -> Any:
    if not pointers:
        return data
    found = {pointer.rpartition("/")[2] or pointer: pointer_get(data, pointer) for pointer in pointers}
    picked = {name: value for name, value in found.items() if value is not None}
    if not picked:
        raise ToolError("The service's answer holds none of the expected fields.")
    return picked


def pointer_get(data: Any, pointer: str) -> Any:
    """What the JSON pointer finds in `data`; None when there is nothing."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and len(name) < 7 and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data
