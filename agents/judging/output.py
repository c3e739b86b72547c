"""What a judging model says, checked. Untrusted until it passed `output_parse`.

The model says of each claim whether it is supported; the score for accuracy is counted from that, outside the model.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from agents.errors import OutputInvalid
from agents.judging.grading import MAX_RATIONALE_CHARS
from agents.providers.base import OutputSchema

MAX_OUTPUT_CHARS = 20_000
MAX_SOURCES = 50
_RATIONALE = {"type": "string", "minLength": 1, "maxLength": MAX_RATIONALE_CHARS}
_SCORED = {
    "type": "object",
    "properties": {"score": {"type": "number", "minimum": 0, "maximum": 1}, "rationale": _RATIONALE},
    "required": ["score", "rationale"],
    "additionalProperties": False,
}
_CLAIM = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 1},
        "supported": {"type": "boolean"},
        "sources": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": MAX_SOURCES},
    },
    "required": ["n", "supported", "sources"],
    "additionalProperties": False,
}
_PROPERTIES: Mapping[str, Any] = {
    "relevance": _SCORED,
    "claims": {"type": "array", "items": _CLAIM, "maxItems": 60},
    "accuracy_rationale": _RATIONALE,
    "safety": _SCORED,
}
GRADE_SCHEMA = OutputSchema(
    name="grade",
    description="Scores of a text from 0 to 1, and which of its claims the sources support.",
    schema={
        "type": "object",
        "properties": _PROPERTIES,
        "required": list(_PROPERTIES),
        "additionalProperties": False,
    },
)
_validator = Draft202012Validator(dict(GRADE_SCHEMA.schema))


@dataclass(frozen=True)
class Graded:
    """A checked output; `supported` has the numbers of the sources of each claim, None for one without support."""

    relevance: tuple[float, str]
    safety: tuple[float, str]
    accuracy_rationale: str
    supported: tuple[tuple[int, ...] | None, ...]


def output_parse(text: str, *, claims: int, sources: Sequence[int]) -> Graded:
    """Check an output about `claims` claims and the numbers of `sources`.

    Raises `OutputInvalid` that says what is wrong in words the model can use to repair it.
    """
    data = _load(text)
    if (error := best_match(_validator.iter_errors(data))) is not None:
        _refuse(f"{'.'.join(map(str, error.absolute_path)) or 'the object'}: {error.message[:200]}.")
    said = {claim["n"]: claim for claim in data["claims"]}
    if len(said) != len(data["claims"]) or said.keys() != set(range(1, claims + 1)):
        _refuse(f"claims must have each n from 1 to {claims} once." if claims else "claims must be empty.")
    for claim in said.values():
        _claim_check(claim, set(sources))
    return Graded(
        relevance=(float(data["relevance"]["score"]), _line(data["relevance"]["rationale"])),
        safety=(float(data["safety"]["score"]), _line(data["safety"]["rationale"])),
        accuracy_rationale=_line(data["accuracy_rationale"]),
        supported=tuple(_sources(said[number]) for number in range(1, claims + 1)),
    )


def _claim_check(claim: Mapping[str, Any], sources: set[int]) -> None:
    if strange := set(claim["sources"]) - sources:
        _refuse(f"claim {claim['n']} names source {min(strange)}, which was not given.")
    if claim["supported"] and not claim["sources"]:
        _refuse(f"claim {claim['n']} is supported by no source.")


def _sources(claim: Mapping[str, Any]) -> tuple[int, ...] | None:
    return tuple(dict.fromkeys(claim["sources"])) if claim["supported"] else None


def _load(text: str) -> Any:
    if len(text) > MAX_OUTPUT_CHARS:
        _refuse(f"It is longer than {MAX_OUTPUT_CHARS} characters.")
    try:
        return json.loads(text, parse_constant=_constant_refuse)
    except (ValueError, RecursionError) as error:
        raise OutputInvalid("It is not one JSON object.") from error


def _constant_refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _refuse(reason: str) -> NoReturn:
    raise OutputInvalid(reason)


def _line(text: str) -> str:
    return " ".join(text.split())
