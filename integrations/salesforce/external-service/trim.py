"""Writes what Salesforce's External Services register: ``python integrations/salesforce/external-service/trim.py``.

Needs PyYAML. Takes the two calls of the panel out of the written API schema and leaves out what External Services do
not support or ignore: response headers, security, answers that are not JSON, and limits, which OmniCQM checks itself
(https://help.salesforce.com/s/articleView?id=platform.external_services_schema_def_definition.htm).
"""

import json
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SCHEMA = HERE.parents[2] / "docs" / "openapi.yaml"
TRIMMED = HERE / "omnicqm.json"
CALLS = {"/api/v1/omni-channel-insights": "insight_ask", "/api/v1/feedback": "feedback_give"}  # as flows call them
JSON_TYPE = "application/json"
MAX_DESCRIPTION = 255
_KEPT = {"type", "format", "enum", "required", "$ref", "title"}
Json = dict[str, Any]


def trim(schema: Json) -> Json:
    """`schema`, an OpenAPI 3.0 document, with the two calls and what they refer to."""
    paths = {path: {"post": _call(schema["paths"][path]["post"], name)} for path, name in CALLS.items()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "OmniCQM insights",
            "version": str(schema["info"]["version"]),
            "description": "What a customer was in touch about lately, and whether that helped.",
        },
        "servers": [{"url": "https://omnicqm.example.com"}],  # External Services take the Named Credential's instead
        "paths": paths,
        "components": {"schemas": _referred(schema["components"]["schemas"], paths)},
    }


def trimmed_text(schema: Json) -> str:
    return json.dumps(trim(schema), indent=2, ensure_ascii=False) + "\n"


def _call(operation: Json, name: str) -> Json:
    answer = operation["responses"]["200"]
    return {
        "operationId": name,
        "summary": operation["summary"],
        "description": _short(str(operation.get("description") or operation["summary"])),
        "requestBody": {"required": True, "content": _content(operation["requestBody"])},
        "responses": {"200": {"description": answer.get("description") or "done", "content": _content(answer)}},
    }


def _content(holder: Json) -> Json:
    return {JSON_TYPE: {"schema": _described(holder["content"][JSON_TYPE]["schema"])}}


def _described(field: Json) -> Json:
    """A field or object without its limits; of several forms a value may have, the first, which is the simplest."""
    if forms := field.get("oneOf") or field.get("anyOf") or field.get("allOf"):
        field = {**field, **forms[0]}
    kept = {key: value for key, value in field.items() if key in _KEPT}
    if text := field.get("description"):
        kept["description"] = _short(text)
    if "items" in field:
        kept["items"] = _described(field["items"])
    if "properties" in field:
        kept["properties"] = {name: _described(inner) for name, inner in field["properties"].items()}
    return kept


def _referred(schemas: Json, start: Any) -> Json:
    """Every named schema that `start` leads to, trimmed."""
    found: Json = {}
    waiting = _names(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _described(schemas[name])
            waiting += _names(found[name])
    return dict(sorted(found.items()))


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
        return here + [name for inner in value.values() for name in _names(inner)]
    return [name for inner in value for name in _names(inner)] if isinstance(value, list) else []


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_DESCRIPTION else line[: MAX_DESCRIPTION - 1] + "…"


if __name__ == "__main__":
    TRIMMED.write_text(trimmed_text(yaml.safe_load(SCHEMA.read_text())))
    print(TRIMMED)
