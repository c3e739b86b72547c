"""From a CSV file to customer records: encodings, delimiters, header names, and what is wrong on which line."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conversations.models import Customer
from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.text import is_binary, line_clean

MAX_BYTES = 50 * 1024 * 1024
MAX_LINES = 200_000
MAX_PROFILE_VALUE = 2_000  # characters

# Header names without case, blanks and punctuation -> what the column means. All other columns go to the profile.
_COLUMNS = {
    "account": ("accountnumber", "account", "accountid", "accountno", "customernumber"),
    "first_name": ("firstname", "givenname"),
    "last_name": ("lastname", "surname", "familyname"),
    "name": ("name", "fullname", "displayname", "customername"),
    "email": ("emailaddress", "email", "mail"),
    "phone": ("phonenumber", "phone"),
    "mobile": ("mobilephonenumber", "mobilephone", "mobile"),
    "service_level": ("servicelevel", "level", "tier"),
    "language": ("language", "locale"),
}
_MEANINGS = {name: meaning for meaning, names in _COLUMNS.items() for name in names}
_IDENTIFYING = {"account", "email", "phone", "mobile"}


@dataclass(frozen=True)
class LineProblem:
    """What is wrong with the value of column `field` of the record that starts on `line` (the header is line 1)."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}"


@dataclass(frozen=True)
class CustomerRecord:
    """One line of the file. Identities are as written; `columns` tells which header an identity came from."""

    line: int
    account: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    display_name: str = ""
    service_level: str = ""
    language: str = ""
    profile: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


def records_read(content: bytes) -> tuple[list[CustomerRecord], list[LineProblem]]:
    """The customers of a CSV file and what is wrong with its lines.

    UTF-8 and UTF-16 (with byte order mark) and Windows-1252; separated by comma, semicolon, tab or bar. Raises
    `InvalidInput` when the file as a whole cannot be read, `TooLarge` beyond 50 MB or 200,000 lines.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(f"The file has more than {MAX_BYTES // 1024 // 1024} MB. Split it.", param="file")
    text = _decode(content)
    rows = _rows(text)
    _, header = next(rows, (1, []))
    if is_binary(text[:1000].encode("utf-8", "replace")) and not any(map(_identifies, header)):
        raise InvalidInput("The file is not CSV: it holds binary data.", param="file")
    columns = _columns_named(header)
    records: list[CustomerRecord] = []
    problems: list[LineProblem] = []
    for line, row in rows:
        found = _row_problems(line, header, row)
        problems += found
        if not found:
            records.append(_record(line, columns, row))
    return records, problems


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and values of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    first = 1
    try:
        for row in reader:
            values = [line_clean(value) for value in row]
            if any(values):
                yield first, values
            first = reader.line_num + 1
            if first > MAX_LINES:
                raise TooLarge(f"The file has more than {MAX_LINES:,} lines. Split it.", param="file")
    except csv.Error as error:
        raise InvalidInput(f"The file is not CSV from line {first} on: {error}.", param="file") from error


def _delimiter(text: str) -> str:
    """The separator that the header has most of; a comma in doubt."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t|", key=header.count)


def _columns_named(header: list[str]) -> dict[int, tuple[str, str]]:
    """Position -> (meaning, name as written). Columns without a name carry nothing and are left out."""
    columns = {index: (_meaning(name), name) for index, name in enumerate(header) if name}
    meanings = [meaning for meaning, _ in columns.values()]
    if repeated := sorted({meaning for meaning in meanings if meanings.count(meaning) > 1}):
        raise InvalidInput(f"More than one column of the header means {', '.join(repeated)}.", param="file")
    if not _IDENTIFYING & set(meanings):
        raise InvalidInput(
            "The header names no column for account, email or phone, so customers could not be recognised. "
            f"It reads: {', '.join(header)[:200] or 'nothing'}.",
            param="file",
        )
    return columns


def _identifies(name: str) -> bool:
    return _meaning(name) in _IDENTIFYING


def _meaning(name: str) -> str:
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return _MEANINGS.get(plain, f"profile:{plain}")


def _row_problems(line: int, header: list[str], row: list[str]) -> list[LineProblem]:
    if any(row[len(header) :]):
        return [LineProblem(line, "the line", f"has {len(row)} values, the header names {len(header)} columns")]
    return [
        LineProblem(line, name, f"is longer than {MAX_PROFILE_VALUE:,} characters")
        for name, value in zip(header, row, strict=False)
        if len(value) > MAX_PROFILE_VALUE
    ]


def _record(line: int, columns: dict[int, tuple[str, str]], row: list[str]) -> CustomerRecord:
    named = {columns[index]: value for index, value in enumerate(row) if value and index in columns}
    known = {meaning: value for (meaning, _), value in named.items()}
    names = (known.get("first_name", ""), known.get("last_name", ""))
    return CustomerRecord(
        line=line,
        display_name=known.get("name") or " ".join(filter(None, names)),
        service_level=known.get("service_level", "").lower(),
        profile={name: value for (meaning, name), value in named.items() if meaning.startswith("profile:")},
        columns=dict(columns.values()),
        **{key: known.get(key, "") for key in ("account", "email", "phone", "mobile", "language")},
    )


def record_problems(records: Iterable[CustomerRecord]) -> Iterator[LineProblem]:
    """What is wrong with records that could be read: no identity, unknown level, an account a second time."""
    levels = Customer.ServiceLevel.values
    seen: dict[str, int] = {}
    for record in records:
        if not (record.account or record.email or record.phone or record.mobile):
            yield LineProblem(record.line, "the line", "names neither account, email nor phone")
        if record.service_level and record.service_level not in levels:
            yield LineProblem(
                record.line, record.columns["service_level"], f"'{record.service_level}' is none of {', '.join(levels)}"
            )
        if record.account and (first := seen.setdefault(record.account, record.line)) != record.line:
            yield LineProblem(record.line, record.columns["account"], f"stands already on line {first}")
