"""A tool from a file: what an admin would otherwise type into the form."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from agents.http_tools.services import http_tool_secret_set
from agents.models.http_tools import HttpTool
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record

FIELDS = (
    *("name", "title", "description", "scopes", "arguments", "method", "url", "body", "allowed_hosts"),
    *("auth", "auth_name", "effect", "needs_verified", "pick", "max_bytes", "timeout"),
)


@transaction.atomic
def http_tool_load(*, definition: Any, secret: str, enable: bool, actor: str) -> HttpTool:
    """Make the tool that `definition` describes, or bring the one of its name up to date.

    Without `secret` a stored one is kept as long as the address stays on its host. Raises `InvalidInput` naming every
    field that is wrong.
    """
    values = _values(definition)
    tool = HttpTool.objects.select_for_update().filter(name=values["name"]).first() or HttpTool()
    if _site(tool.url) != _site(str(values.get("url", tool.url))):
        tool.sealed_secret = ""
    for name, value in values.items():
        setattr(tool, name, value)
    if secret:
        http_tool_secret_set(tool=tool, secret=secret)
    tool.enabled = tool.enabled or enable
    try:
        tool.full_clean()
    except ValidationError as error:
        told = (f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
        raise InvalidInput("\n".join(told), param="definition") from error
    tool.save()
    audit_record(actor=actor, action="http_tool.loaded", obj=tool, details={"enabled": tool.enabled})
    return tool


def _values(definition: Any) -> Mapping[str, Any]:
    if not isinstance(definition, dict) or not isinstance(definition.get("name"), str):
        raise InvalidInput('A definition is one JSON object with at least a "name".', param="definition")
    unknown = sorted(set(definition) - set(FIELDS))
    if unknown:
        raise InvalidInput(f"Unknown: {', '.join(unknown)}. Known: {', '.join(FIELDS)}.", param="definition")
    return definition


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower()
