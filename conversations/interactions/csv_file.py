"""Interactions in a CSV file: read line by line, so that a file of any size needs little memory."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TextIO

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations.identity.normalise import MAX_LENGTH, account_normalise
from conversations.interactions.importing import (
    MAX_CHANNEL_CHARS,
    MAX_DETAIL_CHARS,
    MAX_EXTERNAL_ID_CHARS,
    MAX_INTENT_CHARS,
    ToldInteraction,
)
from conversations.services.customer_import import LineProblem
from omnicqm.common.errors import InvalidInput
from omnicqm.common.text import line_clean, text_clean

# Header names without case, blanks and punctuation -> what the column means. Other columns are left alone.
_COLUMNS = {
    "account_number": ("accountnumber", "account", "accountid", "accountno", "customernumber"),
    "channel": ("channel", "channeltype", "medium"),
    "timestamp": ("timestamp", "occurredat", "datetime", "date", "time", "createdat", "createddate"),
    "intent": ("intent", "reason", "topic", "subject"),
    "detail": ("detail", "details", "description", "text", "notes", "summary"),
    "external_id": ("externalid", "id", "interactionid", "contactid"),
}
_MEANINGS = {name: meaning for meaning, names in _COLUMNS.items() for name in names}
_NEEDED = ("account_number", "channel", "timestamp")
_LIMITS = {"account_number": MAX_LENGTH, "channel": MAX_CHANNEL_CHARS, "intent": MAX_INTENT_CHARS} | {
    "detail": MAX_DETAIL_CHARS,
    "external_id": MAX_EXTERNAL_ID_CHARS,
}
_SNIFFED = 64 * 1024


@dataclass(frozen=True)
class CsvFile:
    """Where it is, and what it does not say itself: the `zone` of moments without an offset, and the `channel` of all
    lines (a column of it is then left alone)."""

    path: Path
    zone: tzinfo = UTC
    channel: str = ""


def interactions_read(source: CsvFile) -> Iterator[ToldInteraction | LineProblem]:
    """Every line of the file, as an interaction or as what is wrong with it.

    UTF-8, UTF-16 (with byte order mark) and Windows-1252; separated by comma, semicolon, tab or bar. Moments are ISO
    8601. A line without an id is known by its content. Raises `InvalidInput` when the file as a whole is not such a
    file, and `OSError`.
    """
    with source.path.open(encoding=_encoding(source.path), errors="replace", newline="") as file:
        rows = _rows(file)
        columns = _columns_named(next(rows, (1, []))[1], given={"channel"} if source.channel else set())
        for line, row in rows:
            yield _line_read(source, line, columns, row)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(_SNIFFED):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _rows(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """The number of the first line and the values of every row that is not empty."""
    header = file.readline(_SNIFFED)
    file.seek(0)
    if "\x00" in header:
        raise InvalidInput("The file is not CSV: it holds binary data.", param="file")
    reader = csv.reader(file, delimiter=max(",;\t|", key=header.count), strict=True)
    first = 1
    try:
        for row in reader:
            if any(value.strip() for value in row):
                yield first, row
            first = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(f"The file is not CSV from line {first} on: {error}.", param="file") from error


def _columns_named(header: list[str], *, given: set[str]) -> dict[str, tuple[int, str]]:
    """Meaning -> (position, name as written), but those `given` otherwise. Raises `InvalidInput` when one is missing or
    stands twice."""
    columns: dict[str, tuple[int, str]] = {}
    for index, name in enumerate(header):
        meaning = _MEANINGS.get("".join(letter for letter in name.lower() if letter.isalnum()))
        if meaning in columns:
            raise InvalidInput(f"More than one column of the header means {meaning}.", param="file")
        if meaning and meaning not in given:
            columns[meaning] = (index, name)
    missing = [name for name in _NEEDED if name not in {*columns, *given}]
    if not {"intent", "detail"} & columns.keys():
        missing.append("detail or intent")
    if missing:
        read = ", ".join(map(line_clean, header))[:200] or "nothing"
        remedy = " Name the channel of all lines with --channel." if "channel" in missing else ""
        told = f"The header names no column for {', '.join(missing)}. It reads: {read}.{remedy}"
        raise InvalidInput(told, param="file")
    return columns


def _line_read(
    source: CsvFile, line: int, columns: dict[str, tuple[int, str]], row: list[str]
) -> ToldInteraction | LineProblem:
    named = {meaning: row[index] if index < len(row) else "" for meaning, (index, _) in columns.items()}
    values = {meaning: (text_clean if meaning == "detail" else line_clean)(value) for meaning, value in named.items()}
    values = {name: values.get(name, "").strip() for name in _COLUMNS}
    values["channel"] = values["channel"] or source.channel

    def problem(meaning: str, message: str) -> LineProblem:
        return LineProblem(line, columns[meaning][1] if meaning in columns else meaning, message)

    for name in (name for name in _NEEDED if not values[name]):
        return problem(name, "is empty")
    for name in (name for name, most in _LIMITS.items() if len(values[name]) > most):
        return problem(name, f"is longer than {_LIMITS[name]:,} characters")
    if not values["detail"] and not values["intent"]:
        return LineProblem(line, "the line", "has neither detail nor intent")
    try:
        account = account_normalise(values["account_number"])
    except InvalidInput:
        return problem("account_number", "is not an account number")
    moment = _moment(values["timestamp"], source.zone)
    if moment is None:
        return problem("timestamp", "is no moment such as 2026-11-18T09:12:00+01:00 or 2026-11-18 09:12:00")
    if moment > timezone.now():
        return problem("timestamp", "lies in the future")
    external_id = values["external_id"] or _content_id(values)
    return ToldInteraction(account, values["channel"], moment, values["intent"], values["detail"], external_id)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = parse_datetime(text)
        if moment is None:
            return None
        return (moment.replace(tzinfo=zone) if timezone.is_naive(moment) else moment).astimezone(UTC)
    except (ValueError, OverflowError):  # well formed, but no such day or hour, or none in UTC
        return None


def _content_id(values: dict[str, str]) -> str:
    """The same line again is the same interaction."""
    return "line-" + hashlib.sha256("\0".join(values[name] for name in _COLUMNS).encode()).hexdigest()[:32]
