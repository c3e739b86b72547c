"""Rules of structured output: which models offer it, and which JSON schemas they compile."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulators.bedrock.models import Model
from tests.simulators.bedrock.refusals import invalid
from tests.simulators.bedrock.rules.tools import tool_specs

_BOUNDS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems"}
)


def output_check(body: Mapping[str, Any], model: Model) -> None:
    """Raises `Refusal` for a structured output that `model` does not offer or whose schema does not compile."""
    schemas = list(_schemas(body))
    if schemas and not model.structured_output:
        raise invalid("This model doesn't support structured output. Remove outputConfig.textFormat and strict tools.")
    for schema in schemas:
        for part in _parts(schema):
            _part_check(part)


def _schemas(body: Mapping[str, Any]) -> Iterator[Any]:
    text_format = body.get("outputConfig", {}).get("textFormat")
    if text_format is not None:
        yield _parsed(text_format["structure"]["jsonSchema"]["schema"])
    if "toolConfig" in body:
        yield from (spec["inputSchema"]["json"] for spec in tool_specs(body["toolConfig"]) if spec.get("strict"))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise invalid("The JSON schema of outputConfig.textFormat is not valid JSON.") from None


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Every schema inside `schema`; names of properties are not mistaken for keywords."""
    if isinstance(schema, list):
        for member in schema:
            yield from _parts(member)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            yield from _parts(list(value.values()) if key in ("properties", "$defs") else value)


def _part_check(part: Mapping[str, Any]) -> None:
    if part.get("type") == "object" and part.get("additionalProperties") is not False:
        raise invalid("Invalid schema: for 'object' type, 'additionalProperties' must be explicitly set to false")
    if bounds := sorted(_BOUNDS & part.keys()):
        raise invalid(
            f"Invalid schema: for '{part.get('type')}' type, properties {', '.join(bounds)} are not supported"
        )
    reference = part.get("$ref", "#/")
    if reference == "#" or not reference.startswith("#/"):
        raise invalid(f"Invalid schema: the reference {reference} is recursive or external, which is not supported")
