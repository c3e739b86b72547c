"""The examples in the written schema are true: of their own form, and answered by the demo as they say."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from tests.running import ROOT, RunningSystem

JSON_TYPE = "application/json"
Json = dict[str, Any]
SCHEMA: Json = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())


def operations() -> Iterator[tuple[str, str, Json]]:
    for path, methods in SCHEMA["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def examples_of(holder: Json) -> Iterator[tuple[Json, str, Any]]:
    """The schema of a body, and the name and value of each example of it."""
    content = holder.get("content", {}).get(JSON_TYPE, {})
    for name, example in content.get("examples", {}).items():
        yield content["schema"], name, example["value"]


def every_example() -> Iterator[Any]:
    for _, _, operation in operations():
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            for schema, name, value in examples_of(holder):
                yield pytest.param(schema, value, id=f"{operation['operationId']}-{name}")


def as_json_schema(described: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema names null among the types."""
    if isinstance(described, list):
        return [as_json_schema(inner) for inner in described]
    if not isinstance(described, dict):
        return described
    plain = {key: as_json_schema(inner) for key, inner in described.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if described.get("nullable") is True else plain


@pytest.mark.parametrize(("schema", "value"), list(every_example()))
def test_an_example_has_the_form_it_stands_for(schema: Json, value: Any) -> None:
    components = {"components": as_json_schema(SCHEMA["components"])}
    jsonschema.validate(value, {**as_json_schema(schema), **components}, cls=jsonschema.Draft4Validator)


@pytest.mark.process
def test_every_request_is_answered_by_the_demo_as_documented(running_system: RunningSystem) -> None:
    login = {name: running_system.credentials[name] for name in ("client_id", "client_secret")}
    with httpx.Client(base_url=running_system.base_url, timeout=60) as http:
        form = {"grant_type": "client_credentials", **login}
        http.headers["Authorization"] = f"Bearer {http.post('/oauth/token', data=form).json()['access_token']}"
        sent = 0
        for path, method, operation in sorted(operations(), key=lambda found: found[0] == "/api/v1/feedback"):
            for _, name, value in examples_of(operation.get("requestBody", {})):
                answer = http.request(method, path, content=json.dumps(value), headers={"Content-Type": JSON_TYPE})
                told = (operation["operationId"], name, answer.status_code, answer.text)
                assert str(answer.status_code) in operation["responses"], told
                assert answer.status_code < 300, told
                sent += 1
        assert sent >= 5
