"""Reading the files of a data folder: one JSON object a line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omnicqm.common.errors import InvalidInput


def rows_read(file: Path, needed: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of `file`. Raises `InvalidInput` that names the file, the line and what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", param="data") from error
    lines = text.split("\n")  # texts may hold other line ends
    return [_row(line, needed, f"{file}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def rows_most[Row](rows: Sequence[Row], most: int) -> list[Row]:
    """At most `most` of them (0: all), evenly spread."""
    if not most or len(rows) <= most:
        return list(rows)
    return [rows[number * len(rows) // most] for number in range(most)]


def _row(line: str, needed: Sequence[str], where: str) -> dict[str, Any]:
    try:
        row = dict(json.loads(line))
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{where} is no JSON object: {error}.", param="data") from error
    if missing := [name for name in needed if name not in row]:
        raise InvalidInput(f"{where} has no {', '.join(missing)}.", param="data")
    return row
