"""JSONL: many small documents in one file, one JSON object ``{id, title, text, internal?}`` on each line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from knowledge.errors import FileTooLarge, FileUnreadable
from omnicqm.common.text import text_clean

MAX_RECORDS = 2000  # taken in while the sender waits, some milliseconds each
MAX_ID = 200
_FORM = 'Each line must be {"id": "…", "title": "…", "text": "…", "internal": true or false (optional)}.'


@dataclass(frozen=True)
class Record:
    id: str
    title: str
    text: str
    internal: bool | None = None


def records_parse(text: str) -> list[Record]:
    """The records of a JSONL file. Raises `FileUnreadable` that names the first wrong line, `FileTooLarge`."""
    records = list(_records(text))
    if not records:
        raise FileUnreadable(f"The JSONL file has no record. {_FORM}")
    repeated = len(records) - len({record.id for record in records})
    if repeated:
        raise FileUnreadable(f"{repeated} records repeat the id of another one. Every id may be used once.")
    return records


def _records(text: str) -> Iterator[Record]:
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    for count, (number, line) in enumerate(lines, 1):
        if count > MAX_RECORDS:
            raise FileTooLarge(f"The JSONL file has more than {MAX_RECORDS:,} records. Split it into several files.")
        yield _record(number, line)


def _record(number: int, line: str) -> Record:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileUnreadable(f"Line {number} is not a JSON object. {_FORM}") from error
    if not isinstance(value, dict):
        raise FileUnreadable(f"Line {number} is not a JSON object. {_FORM}")
    internal = value.get("internal")
    if internal is not None and not isinstance(internal, bool):
        raise FileUnreadable(f"Line {number}: 'internal' must be true or false.")
    return Record(
        id=_identifier(number, value.get("id")),
        title=text_clean(_text(number, "title", value)),
        text=text_clean(_text(number, "text", value)),
        internal=internal,
    )


def _text(number: int, name: str, value: dict[str, Any]) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text.strip():
        raise FileUnreadable(f"Line {number}: '{name}' must be a text that is not empty.")
    return text


def _identifier(number: int, value: object) -> str:
    identifier = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(identifier, str) or not 0 < len(identifier) <= MAX_ID or not identifier.isprintable():
        raise FileUnreadable(f"Line {number}: 'id' must be a text of 1 to {MAX_ID} printable characters.")
    return identifier
