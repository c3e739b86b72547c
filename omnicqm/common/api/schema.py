"""How the OpenAPI document describes what all calls share: the token, and the one shape of errors."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, for machines"},
        "detail": {"type": "string", "description": "what happened and what to do"},
        "param": {"type": "string", "description": "the field to change, e.g. attachments[0].name"},
        "request_id": {"type": "string", "description": "X-Request-Id of this request"},
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}
IDEMPOTENCY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same key again within 24 h gets the first answer, and nothing is done twice",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "omnicqm.common.api.authentication.BearerAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        scopes = settings.API_SCOPES
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        scopes = getattr(auto_schema.view, "required_scopes", {})
        return {self.name: scopes.get(auto_schema.method, []) if isinstance(scopes, dict) else scopes}


def common_describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing hook: every operation may answer with a problem document, every POST takes an Idempotency-Key."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components.setdefault("responses", {})["Problem"] = {
        "description": "What went wrong",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result["paths"].values():
        for method, operation in path.items():
            operation["responses"].setdefault("default", {"$ref": "#/components/responses/Problem"})
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
    return result
