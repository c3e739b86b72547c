"""How records are written: JSON lines, the same bytes whenever they are written again."""

import json
from collections.abc import Iterable
from typing import Any


def line_write(payload: dict[str, Any]) -> bytes:
    """One line of UTF-8 with its newline, keys in order. Raises `ValueError` for what JSON has no word for (NaN)."""
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def lines_write(payloads: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(map(line_write, payloads))
