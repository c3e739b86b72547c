"""Writes the Postman collection from the written API schema: ``python integrations/postman/generate.py``.

Needs PyYAML. The form is Postman Collection 2.1.0 (https://schema.postman.com/collection/json/v2.1.0/draft-07/collection.json).
Run from top to bottom, each request leaves in variables what the next ones need.
"""

import json
import uuid
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "docs" / "openapi.yaml"
COLLECTION = HERE / "omnicqm.postman_collection.json"
FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# In this order a run makes sense: ask before reading the answer, a summary before its rating.
ORDER = (
    "query",
    "queries",
    "conversations",
    "customers",
    "interactions",
    "omni-channel-insights",
    "feedback",
    "knowledge",
)
VARIABLES = {"base_url": "http://localhost:8000", "client_id": "", "client_secret": "", "access_token": ""}
JSON_TYPE = "application/json"
Json = dict[str, Any]


def collection_make(schema: Json) -> Json:
    """The collection of all calls in `schema`, an OpenAPI 3.0 document."""
    calls = [
        _call(schema, path, method, operation)
        for path, operations in sorted(schema["paths"].items(), key=_place)
        for method, operation in operations.items()
    ]
    names = {**VARIABLES, **dict.fromkeys(sorted(_path_names(schema)), "")}
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(uuid.NAMESPACE_URL, "omnicqm")),
            "name": schema["info"]["title"],
            "description": "Set base_url, client_id and client_secret, then run from the top. 'manage.py demo "
            "--credentials-json' prints them for a demo.",
            "schema": FORMAT,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access_token}}", "type": "string"}]},
        "variable": [{"key": name, "value": value} for name, value in names.items()],
        "item": [_token(), *calls],
    }


def collection_text(schema: Json) -> str:
    return json.dumps(collection_make(schema), indent=2, ensure_ascii=False) + "\n"


def _place(entry: tuple[str, Any]) -> tuple[int, str]:
    kind = entry[0].split("/")[3]
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), entry[0])


def _token() -> Json:
    form = {"grant_type": "client_credentials", "client_id": "{{client_id}}", "client_secret": "{{client_secret}}"}
    fields = [{"key": key, "value": value, "type": "text"} for key, value in form.items()]
    return {
        "name": "Get a token",
        "event": [_script([200], ["access_token"])],
        "request": {
            "auth": {"type": "noauth"},
            "method": "POST",
            "header": [],
            "body": {"mode": "urlencoded", "urlencoded": fields},
            "url": _url("/oauth/token", []),
            "description": "A token is good for an hour.",
        },
    }


def _call(schema: Json, path: str, method: str, operation: Json) -> Json:
    request: Json = {"method": method.upper(), "header": [{"key": "Accept", "value": JSON_TYPE}]}
    if body := operation.get("requestBody"):
        request |= _body(schema, body["content"], request["header"])
    request["url"] = _url(path, operation.get("parameters", []))
    request["description"] = operation.get("description", "").strip()
    good = [int(status) for status in operation["responses"] if status.startswith("2")]
    answers = [_answer_fields(schema, operation["responses"][str(status)]) for status in good]
    kept = sorted({name for fields in answers for name in fields} & _path_names(schema))
    return {"name": operation["summary"], "event": [_script(good, kept)], "request": request}


def _body(schema: Json, content: Json, headers: list[Json]) -> Json:
    if JSON_TYPE not in content:
        fields = _resolved(schema, next(iter(content.values()))["schema"])["properties"]
        form = [_form_field(name, field) for name, field in fields.items()]
        return {"body": {"mode": "formdata", "formdata": form}}
    headers.append({"key": "Content-Type", "value": JSON_TYPE})
    examples = list(content[JSON_TYPE].get("examples", {}).values())
    value = examples[0]["value"] if examples else _skeleton(schema, content[JSON_TYPE]["schema"])
    raw = json.dumps(value, indent=2, ensure_ascii=False)
    return {"body": {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}}


def _form_field(name: str, field: Json) -> Json:
    if field.get("format") == "binary":
        return {"key": name, "type": "file", "src": []}
    return {"key": name, "value": "", "type": "text", "disabled": True}


def _url(path: str, parameters: list[Json]) -> Json:
    pieces = [f":{piece[1:-1]}" if piece.startswith("{") else piece for piece in path.strip("/").split("/")]
    query = [_query_field(parameter) for parameter in parameters if parameter["in"] == "query"]
    names = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]
    asked = "&".join(f"{field['key']}={field['value']}" for field in query if not field.get("disabled"))
    return {
        "raw": "{{base_url}}/" + "/".join(pieces) + (f"?{asked}" if asked else ""),
        "host": ["{{base_url}}"],
        "path": pieces,
        "query": query,
        "variable": [{"key": name, "value": "{{" + name + "}}"} for name in names],
    }


def _query_field(parameter: Json) -> Json:
    examples = [example["value"] for example in parameter.get("examples", {}).values()]
    field = {"key": parameter["name"], "value": str(examples[0]) if examples else ""}
    return field if examples or parameter.get("required") else field | {"disabled": True}


def _script(good: list[int], kept: list[str]) -> Json:
    """What Postman does with the answer: check its status, keep ids for the next calls."""
    check = f'pm.test("answered as documented", () => pm.expect(pm.response.code).to.be.oneOf({good}));'
    keep = "const told = pm.response.json();"
    sets = [f'if (told.{name}) pm.collectionVariables.set("{name}", told.{name});' for name in kept]
    return {"listen": "test", "script": {"type": "text/javascript", "exec": [check, *([keep] if kept else []), *sets]}}


def _answer_fields(schema: Json, response: Json) -> list[str]:
    content = response.get("content", {}).get(JSON_TYPE, {})
    return list(_resolved(schema, content.get("schema", {})).get("properties", {}))


def _path_names(schema: Json) -> set[str]:
    return {piece[1:-1] for path in schema["paths"] for piece in path.split("/") if piece.startswith("{")}


def _skeleton(schema: Json, described: Json) -> Any:
    """The required fields of a body that has no example, with ids from variables."""
    fields = _resolved(schema, described)
    required = fields.get("required", [])
    return {name: [] if fields["properties"][name].get("type") == "array" else "" for name in required}


def _resolved(schema: Json, described: Json) -> Json:
    name = described.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else described


if __name__ == "__main__":
    COLLECTION.write_text(collection_text(yaml.safe_load(SCHEMA.read_text())))
    print(COLLECTION)
