"""The assessment: what a model (or the engine) says about a message. Untrusted until it passed `assessment_parse`."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.errors import OutputInvalid
from agents.gate import SUPPORT_FLOOR
from agents.providers.base import OutputSchema
from agents.types import Blocker, Factor

MAX_OUTPUT_CHARS = 20_000
MAX_COUNT = 9
_FACTOR_SCHEMA = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 0, "maximum": MAX_COUNT},
        "evidence": {"type": "array", "items": {"type": "string", "maxLength": 300}, "maxItems": 10},
    },
    "required": ["count", "evidence"],
    "additionalProperties": False,
}
_FLAGS: Mapping[str, Blocker] = {
    "asked_for_person": Blocker.ASKED_FOR_PERSON,
    "safety": Blocker.SAFETY,
    "injection": Blocker.INJECTION,
}
_PROPERTIES: Mapping[str, Any] = {
    "factors": {
        "type": "object",
        "properties": {factor.value: _FACTOR_SCHEMA for factor in Factor},
        "required": [factor.value for factor in Factor],
        "additionalProperties": False,
    },
    "intent": {"type": "string", "minLength": 1, "maxLength": 60},
    "category": {"type": "string", "minLength": 1, "maxLength": 40},
    "support": {"type": "number", "minimum": 0, "maximum": 1},
    "cited": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 20},
    "account_matter": {"type": "boolean"},
    "asked_for_person": {"type": "boolean"},
    "safety": {"type": "boolean"},
    "injection": {"type": "boolean"},
    "underspecified": {"type": "boolean"},
    "smalltalk": {"enum": ["", "thanks", "greeting"]},
    "language": {"type": "string", "pattern": "^[a-z]{2,3}$"},
    "topics": {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 10},
    "summary": {"type": "string", "maxLength": 1000},
}
ASSESSMENT_SCHEMA = OutputSchema(
    name="assessment",
    description="What the message wants, how it is said, and how well the passages found support an answer.",
    schema={
        "type": "object",
        "properties": _PROPERTIES,
        "required": list(_PROPERTIES),
        "additionalProperties": False,
    },
)
_validator = Draft202012Validator(dict(ASSESSMENT_SCHEMA.schema))


@dataclass(frozen=True)
class Assessment:
    """A checked assessment. `support` is 0 to 1; `counts` holds every factor with its count and evidence."""

    counts: Mapping[Factor, tuple[int, tuple[str, ...]]]
    intent: str
    category: str
    support: float
    account_matter: bool
    flags: frozenset[Blocker]
    underspecified: bool
    smalltalk: Literal["", "thanks", "greeting"]
    language: str
    topics: tuple[str, ...]
    summary: str


def assessment_parse(text: str, *, categories: Collection[str], passages: int) -> Assessment:
    """Check a model's assessment: size, JSON, schema, and that it does not contradict itself or what was found.

    `passages` is the number of passages on the shelf. Raises `OutputInvalid` that says what is wrong in words the
    model can use to repair it.
    """
    data = _json_load(text)
    error = best_match(_validator.iter_errors(data))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "the object"
        raise OutputInvalid(f"{where}: {error.message[:200]}.")
    _consistency_check(data, categories, passages)
    return _assessment(data)


def _json_load(text: str) -> Any:
    if len(text) > MAX_OUTPUT_CHARS:
        raise OutputInvalid(f"It is longer than {MAX_OUTPUT_CHARS} characters.")
    try:
        return json.loads(text, parse_constant=_constant_refuse)
    except (ValueError, RecursionError) as error:
        raise OutputInvalid("It is not one JSON object.") from error


def _constant_refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _consistency_check(data: Mapping[str, Any], categories: Collection[str], passages: int) -> None:
    factors: Mapping[str, Any] = data["factors"]
    for name, factor in factors.items():
        if factor["count"] and not any(words.strip() for words in factor["evidence"]):
            raise OutputInvalid(f"factors.{name} has a count but no evidence.")
    if data["category"] not in categories:
        raise OutputInvalid("category is not one of those given.")
    if max([0, *data["cited"]]) > passages:
        raise OutputInvalid("cited names a passage that was not found.")
    supported = data["support"] >= SUPPORT_FLOOR
    if supported and (factors[Factor.NO_KNOWLEDGE]["count"] or not data["cited"]):
        raise OutputInvalid("support contradicts no_knowledge or cites no passage.")
    if data["smalltalk"] and (any(factor["count"] for factor in factors.values()) or data["account_matter"]):
        raise OutputInvalid("smalltalk has no factors and no matter.")


def _assessment(data: Mapping[str, Any]) -> Assessment:
    factors: Mapping[str, Any] = data["factors"]
    return Assessment(
        counts={factor: (factors[factor]["count"], tuple(factors[factor]["evidence"])) for factor in Factor},
        intent=data["intent"],
        category=data["category"],
        support=float(data["support"]),
        account_matter=data["account_matter"],
        flags=frozenset(blocker for name, blocker in _FLAGS.items() if data[name]),
        underspecified=data["underspecified"],
        smalltalk=data["smalltalk"],
        language=data["language"],
        topics=tuple(data["topics"]),
        summary=data["summary"],
    )
