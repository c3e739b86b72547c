"""JSON bodies, within limits: bytes, depth, and nothing that JSON does not have."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from omnicqm.common.errors import InvalidInput, TooLarge

MAX_DEPTH = 50


class LimitedJSONParser(BaseParser):
    """Reads at most ``API_MAX_BODY_BYTES``; more is a 413.

    UTF-8 only. Too deep nesting, NaN and Infinity, numbers out of range and keys given twice are a 400. Lone surrogate
    escapes in strings pass: the fields decide, text cleans them and identifiers refuse them.
    """

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return json_read(body_read(stream, settings.API_MAX_BODY_BYTES))


def body_read(stream: IO[bytes], limit: int) -> bytes:
    """The bytes of `stream`. Raises `TooLarge` beyond `limit` bytes, without reading on."""
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 1024 // 1024} MB.", code="body_too_large")
    return body


def json_read(body: bytes) -> Any:
    """The JSON value in `body`. Raises `ParseError` (400), or `InvalidInput` with the key given twice or too deep."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError as error:
        raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.", code="too_deep") from error
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg}, line {error.lineno} column {error.colno}.") from error
    except ValueError as error:  # an integer with more digits than Python converts
        raise ParseError("The JSON holds a number that is out of range.") from error
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidInput("The key is given twice.", param=twice, code="duplicate_key")
    return found


def _refuse_constant(name: str) -> None:
    raise ParseError(f"The body is not JSON: {name} is not a JSON value.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError
    return number


def _check_depth(value: Any) -> None:
    """The C scanner stops only near Python's own limit, too late for those who walk the value afterwards."""
    if not _is_deeper(value, MAX_DEPTH):
        return
    fields = value.items() if isinstance(value, Mapping) else ()
    deep = next((name for name, item in fields if _is_deeper(item, MAX_DEPTH - 1)), None)
    raise InvalidInput(f"The JSON is nested deeper than {MAX_DEPTH} levels.", param=deep, code="too_deep")


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(value: Any) -> list[Any]:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, dict | list)]
