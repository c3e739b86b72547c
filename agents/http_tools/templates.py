"""Addresses and bodies with variables: ``{{order}}`` is an argument of the model, ``{{server.email}}`` comes from us.

Nothing a variable holds can change where a request goes or what it asks for: variables stand in the path and the query
only, are percent-encoded, and may not walk up or down a path.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from agents.errors import ToolError

MAX_VALUE_CHARS = 500
MAX_BODY_BYTES = 32 * 1024
MAX_NUMBER = 10**18
SERVER = "server."
_VARIABLE = re.compile(r"\{\{ ?((?:server\.)?[a-z][a-z0-9_]*) ?\}\}")
_ADDRESS = re.compile(r"(?P<site>https?://[^/?#]*)(?P<path>/?[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MISSING = object()


class TemplateInvalid(ValueError):
    """The template cannot be used; the text says why and what to do, as a sentence."""


@dataclass(frozen=True)
class Values:
    """What variables stand for: the model's checked `arguments`, and what the `server` knows for sure."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, str] = field(default_factory=dict)

    def get(self, variable: str) -> Any:
        """The value, or `_MISSING` for an argument the model left out. Raises `ToolError` for what we do not know."""
        if not variable.startswith(SERVER):
            return self.arguments.get(variable, _MISSING)
        name = variable.removeprefix(SERVER)
        if name not in self.server:
            raise ToolError(f"Not available: this customer's {name.replace('_', ' ')} is not known for sure.")
        return self.server[name]

    def text(self, variable: str) -> str | None:
        """The value as text for an address, None when left out. Raises `ToolError` for what may not stand there."""
        value = self.get(variable)
        return None if value is _MISSING else _text(variable, value)


def variables_of(template: Any) -> set[str]:
    """The variables of an address or of a body. Raises `TemplateInvalid` for braces that name none."""
    if isinstance(template, Mapping):
        _constant_keys_check(template)
        return {name for value in template.values() for name in variables_of(value)}
    if isinstance(template, list):
        return {name for value in template for name in variables_of(value)}
    if not isinstance(template, str):
        return set()
    rest = _VARIABLE.sub("", template)
    if "{{" in rest or "}}" in rest:
        raise TemplateInvalid(
            "A variable is not written as it must be. Write {{order}} for an argument and {{server.email}} for what "
            "the server knows: small letters, digits and underscores."
        )
    return set(_VARIABLE.findall(template))


def path_variables(template: str) -> set[str]:
    """The variables in the path of an address. Raises `TemplateInvalid` for one that stands before the path."""
    match = _split(template)
    if _VARIABLE.search(match["site"]) or "{" in match["site"]:
        raise TemplateInvalid("Variables may stand in the path and the query only. Write the host out.")
    return set(_VARIABLE.findall(match["path"]))


def url_fill(template: str, values: Values) -> str:
    """The address with its variables filled in. A query part whose argument was left out is left out as well.

    Raises `ToolError` for a value that may not stand in an address.
    """
    match = _split(template)
    path = "/".join(_segment_fill(segment, values) for segment in match["path"].split("/"))
    parts = [_query_part_fill(part, values) for part in (match["query"] or "").split("&")]
    query = "&".join(part for part in parts if part)
    return f"{match['site']}{path or '/'}{'?' if query else ''}{query}"


def _split(template: str) -> re.Match[str]:
    match = _ADDRESS.fullmatch(template)
    if match is None:
        raise TemplateInvalid("It must be a whole address, https://host/path, without a #fragment.")
    return match


def _segment_fill(segment: str, values: Values) -> str:
    """One part of a path. What is filled in stays within it, also for a server that decodes before it splits."""

    def fill(match: re.Match[str]) -> str:
        text = values.text(match[1])
        if not text:
            raise ToolError(f"{match[1]}: is missing.")
        if any(step in (".", "..") for step in re.split(r"[/\\;]", unquote(text))):
            raise ToolError(f"{match[1]}: not allowed in an address.")
        return quote(text, safe="")

    filled = _VARIABLE.sub(fill, segment)
    if filled != segment and filled in (".", ".."):
        raise ToolError("The arguments do not make an address.")
    return filled


def _query_part_fill(part: str, values: Values) -> str:
    texts = {name: values.text(name) for name in _VARIABLE.findall(part)}
    if None in texts.values():
        return ""
    return _VARIABLE.sub(lambda match: quote(texts[match[1]] or "", safe=""), part)


def _text(variable: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > MAX_NUMBER:
            raise ToolError(f"{variable}: too large.")
        return str(value)
    if not isinstance(value, str):
        raise ToolError(f"{variable}: must be a text or a number.")
    if len(value) > MAX_VALUE_CHARS or _CONTROL.search(value):
        raise ToolError(f"{variable}: too long, or holds characters that are not text.")
    return value


def body_fill(template: Any, values: Values) -> bytes:
    """The body as JSON. A text that is nothing but a variable becomes its value, of whatever type; what rests on an
    argument that was left out is left out. Raises `ToolError` for a body that is too large or no JSON."""
    filled = _fill(template, values)
    try:
        body = json.dumps(filled, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:  # numbers beyond measure, half characters
        raise ToolError("The arguments do not make a request.") from error
    if len(body) > MAX_BODY_BYTES:
        raise ToolError("The arguments are too long.")
    return body


def _fill(template: Any, values: Values) -> Any:
    if isinstance(template, Mapping):
        pairs = ((key, _fill(value, values)) for key, value in template.items())
        return {key: value for key, value in pairs if value is not _MISSING}
    if isinstance(template, list):
        return [value for value in (_fill(entry, values) for entry in template) if value is not _MISSING]
    if not isinstance(template, str):
        return template
    if whole := _VARIABLE.fullmatch(template):
        return values.get(whole[1])
    texts = {name: values.text(name) for name in _VARIABLE.findall(template)}
    return _VARIABLE.sub(lambda match: texts[match[1]] or "", template)


def _constant_keys_check(template: Mapping[str, Any]) -> None:
    if any("{{" in str(key) for key in template):
        raise TemplateInvalid("Variables may stand in values only, not in names.")


def strings_in(data: Any) -> Iterator[str]:
    """Every key and text of JSON data."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield str(key)
            yield from strings_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings_in(value)
    elif isinstance(data, str):
        yield data
