"""The summary of a customer's interactions as a model (or the engine) drafts it: statements, each with the events it
rests on. Untrusted until it passed `summary_parse` and the checks of whoever asked for it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.errors import OutputInvalid
from agents.providers.base import OutputSchema

MAX_OUTPUT_CHARS = 12_000
MAX_MATTERS = 4
MAX_STATEMENTS = 8  # of one matter
MAX_STATEMENT_CHARS = 420


class StatementKind(StrEnum):
    """What a statement tells: what the customer wants or what is wrong, what was answered or done, what is left."""

    PROBLEM = "problem"
    OUTCOME = "outcome"
    OPEN = "open"


class Mood(StrEnum):
    """How the customer sounds, by their latest words."""

    CALM = "calm"
    PLEASED = "pleased"
    WORRIED = "worried"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"


@dataclass(frozen=True)
class Statement:
    """One sentence; `events` are the numbers of the events it rests on."""

    kind: StatementKind
    text: str
    events: tuple[int, ...]


@dataclass(frozen=True)
class Matter:
    """One thing the customer came for, in a few words, and its statements in the order they are read."""

    subject: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class SummaryDraft:
    matters: tuple[Matter, ...]
    mood: Mood

    @property
    def statements(self) -> Iterator[Statement]:
        return (statement for matter in self.matters for statement in matter.statements)


_STATEMENT = {
    "type": "object",
    "properties": {
        "kind": {"enum": [kind.value for kind in StatementKind]},
        "text": {"type": "string", "minLength": 2, "maxLength": MAX_STATEMENT_CHARS},
        "events": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 20},
    },
    "required": ["kind", "text", "events"],
    "additionalProperties": False,
}
_MATTER = {
    "type": "object",
    "properties": {
        "subject": {"type": "string", "maxLength": 80},
        "statements": {"type": "array", "items": _STATEMENT, "minItems": 1, "maxItems": MAX_STATEMENTS},
    },
    "required": ["subject", "statements"],
    "additionalProperties": False,
}
SUMMARY_SCHEMA = OutputSchema(
    name="summary",
    description="What a customer came for, what was answered or done, what is still open, and how they sound.",
    schema={
        "type": "object",
        "properties": {
            "matters": {"type": "array", "items": _MATTER, "minItems": 1, "maxItems": MAX_MATTERS},
            "mood": {"enum": [mood.value for mood in Mood]},
        },
        "required": ["matters", "mood"],
        "additionalProperties": False,
    },
)
_validator = Draft202012Validator(dict(SUMMARY_SCHEMA.schema))


def summary_parse(text: str) -> SummaryDraft:
    """Check and read a model's output. Raises `OutputInvalid` with a reason that lets the model repair it."""
    data = _load(text)
    if (error := best_match(_validator.iter_errors(data))) is not None:
        _refuse(f"{'.'.join(map(str, error.absolute_path)) or 'summary'}: {error.message[:300]}.")
    return SummaryDraft(tuple(_matter(matter) for matter in data["matters"]), Mood(data["mood"]))


def _load(text: str) -> Any:
    if len(text) > MAX_OUTPUT_CHARS:
        _refuse(f"It is longer than {MAX_OUTPUT_CHARS} characters.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OutputInvalid("It is not one JSON object.") from error


def _refuse(reason: str) -> NoReturn:
    raise OutputInvalid(reason)


def _matter(data: Mapping[str, Any]) -> Matter:
    return Matter(_line(data["subject"]), tuple(_statement(entry) for entry in data["statements"]))


def _statement(data: Mapping[str, Any]) -> Statement:
    return Statement(StatementKind(data["kind"]), _line(data["text"]), tuple(dict.fromkeys(data["events"])))


def _line(text: str) -> str:
    return " ".join(text.split())
