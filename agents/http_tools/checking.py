"""What is wrong with a definition, before it can do harm: for every field the reason and the remedy."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from jsonschema import Draft202012Validator, SchemaError

from agents.http_tools.templates import (
    SERVER,
    TemplateInvalid,
    Values,
    path_variables,
    strings_in,
    url_fill,
    variables_of,
)
from omnicqm.common.errors import InvalidInput
from omnicqm.common.outgoing import outgoing_url_check

if TYPE_CHECKING:
    from agents.models.http_tools import HttpTool

MAX_SCHEMA_CHARS = 8_000
MAX_ARGUMENTS = 15
MAX_POINTERS = 20
OWN_TOOLS = ("search_knowledge", "escalate")
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
_ARGUMENT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOST = re.compile(r"[a-z0-9_.-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}")
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_OUR_HEADERS = {
    *("host", "user-agent", "accept", "connection", "content-length", "content-type", "transfer-encoding"),
    *("idempotency-key", "expect", "upgrade", "te", "trailer"),
}
_SCALARS = {"string", "integer", "number", "boolean"}
# A reference would make the validator fetch it: a request nobody allowed.
_REFERENCES = {"$ref", "$dynamicRef", "$recursiveRef"}


@dataclass(frozen=True)
class Problem:
    field: str
    message: str


def problems_find(tool: "HttpTool") -> list[Problem]:
    """Everything wrong with `tool`; empty when the agent may use it."""
    return [
        *_name(tool),
        *_arguments(tool),
        *_address(tool),
        *_body(tool),
        *_use(tool),
        *_sign_in(tool),
        *_answer(tool),
    ]


def secret_check(secret: str) -> None:
    """Raises `InvalidInput` for a secret that cannot stand in a header."""
    if not _PRINTABLE.fullmatch(secret) or len(secret) > 2000:
        raise InvalidInput(
            "It holds line breaks, blanks at an end or characters beyond ASCII, or is longer than 2,000 characters. "
            "Copy it again without them.",
            param="secret",
        )


def _name(tool: "HttpTool") -> Iterator[Problem]:
    if not _NAME.fullmatch(tool.name):
        yield Problem("name", "Use 3 to 40 small letters, digits and underscores, beginning with a letter.")
    if tool.name in (*OWN_TOOLS, *settings.AGENT_TOOLS):
        yield Problem("name", "The agent has a tool of its own with this name. Choose another.")


def _arguments(tool: "HttpTool") -> Iterator[Problem]:
    message = _schema_problem(tool.arguments)
    if message:
        yield Problem("arguments", message)


def _schema_problem(schema: Any) -> str:
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        return 'It must be a JSON schema {"type": "object", "properties": {…}, "required": […]}.'
    if len(json.dumps(schema)) > MAX_SCHEMA_CHARS or len(schema["properties"]) > MAX_ARGUMENTS:
        return f"It is too large: at most {MAX_ARGUMENTS} arguments and {MAX_SCHEMA_CHARS} characters."
    if _REFERENCES & set(strings_in(schema)):
        return "References ($ref) are not followed. Write the schema out."
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(part) for part in error.absolute_path) or "the schema"
        return f"No valid JSON schema, {where}: {error.message[:200]}"
    names = (*schema["properties"], *schema.get("required", ()))
    bad = [name for name in names if not _ARGUMENT.fullmatch(name)]
    if bad:
        return f"'{bad[0]}': names of arguments are small letters, digits and underscores."
    if not set(schema.get("required", ())) <= set(schema["properties"]):
        return "'required' names an argument that 'properties' does not describe."
    return ""


def _address(tool: "HttpTool") -> Iterator[Problem]:
    try:
        in_path, used = path_variables(tool.url), variables_of(tool.url)
    except TemplateInvalid as error:
        yield Problem("url", str(error))
        return
    yield from _variables_known("url", used, tool)
    properties = _properties(tool)
    for name in sorted(name for name in used if name in properties):
        if not _types(properties[name]) or not _types(properties[name]) <= _SCALARS:
            yield Problem("arguments", f"'{name}' stands in the address: give it the type string, integer or number.")
        if name in in_path and name not in tool.arguments.get("required", ()):
            yield Problem("arguments", f"'{name}' stands in the path: name it in 'required'.")
    yield from _target(tool, used)


def _target(tool: "HttpTool", used: set[str]) -> Iterator[Problem]:
    url = sample_url(tool.url, used)
    try:
        outgoing_url_check(url, param="The address")
    except InvalidInput as error:
        remedy = " For a service on this network, an operator names its host:port in OMNICQM_OUTGOING_ALLOW."
        yield Problem("url", error.message + (remedy if error.code == "private_address" else ""))
        return
    for entry in tool.hosts:
        if not _HOST.fullmatch(entry):
            yield Problem("allowed_hosts", f"'{entry}' is no host. Write shop.example or shop.example:8443.")
    if not host_is_allowed(url, tool.hosts):
        yield Problem("allowed_hosts", f"The address goes to {_host_of(url)}, which is not named here. Add it.")


def sample_url(template: str, used: set[str]) -> str:
    """The address with harmless values, to look at its host."""
    arguments = {name: "1" for name in used if not name.startswith(SERVER)}
    server = {name.removeprefix(SERVER): "1" for name in used if name.startswith(SERVER)}
    return url_fill(template, Values(arguments, server))


def host_is_allowed(url: str, hosts: list[str]) -> bool:
    """Whether `hosts` name the host of `url`, and its port unless it is 443."""
    return _host_of(url) in {host.removesuffix(":443") for host in hosts}


def _host_of(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    host = (parts.hostname or "").removesuffix(".")
    literal = f"[{host}]" if ":" in host else host
    return literal if port == 443 else f"{literal}:{port}"


def _body(tool: "HttpTool") -> Iterator[Problem]:
    if tool.body is None:
        return
    if tool.method in (tool.Method.GET, tool.Method.DELETE):
        yield Problem("body", f"{tool.method} sends no body. Empty it, or choose another method.")
    if not isinstance(tool.body, dict | list):
        yield Problem("body", 'It must be a JSON object or list, e.g. {"order": "{{order}}"}.')
        return
    try:
        yield from _variables_known("body", variables_of(tool.body), tool)
    except TemplateInvalid as error:
        yield Problem("body", str(error))


def _variables_known(field: str, used: set[str], tool: "HttpTool") -> Iterator[Problem]:
    for name in sorted(used):
        if name.startswith(SERVER):
            if name.removeprefix(SERVER) not in settings.TOOL_VARIABLES:
                known = ", ".join(f"{{{{{SERVER}{known}}}}}" for known in settings.TOOL_VARIABLES)
                yield Problem(field, f"The server knows no {{{{{name}}}}}. It knows {known}.")
        elif name not in _properties(tool):
            yield Problem(field, f"{{{{{name}}}}} is not among the arguments. Describe it there, or correct the name.")


def _use(tool: "HttpTool") -> Iterator[Problem]:
    """Whether everything described is sent, and only to whom it may be."""
    try:
        used = variables_of(tool.url) | variables_of(tool.body)
    except TemplateInvalid:
        return  # told already
    for name in _properties(tool):
        if name not in used:
            yield Problem(
                "arguments", f"'{name}' is used neither in the address nor in the body. Use it or take it out."
            )
    if any(name.startswith(SERVER) for name in used) and not tool.needs_verified:
        message = (
            "The request names the customer ({{server.…}}): it must be for verified customers only. Switch this on."
        )
        yield Problem("needs_verified", message)
    if not isinstance(tool.scopes, list) or not all(isinstance(scope, str) for scope in tool.scopes):
        yield Problem("scopes", 'It must be a list of texts, e.g. ["channel:chat"].')


def _sign_in(tool: "HttpTool") -> Iterator[Problem]:
    if tool.auth == tool.Auth.NONE:
        return
    if not tool.sealed_secret:
        yield Problem("auth", "This way to sign in needs a secret. Enter it, or choose 'None'.")
    if tool.auth == tool.Auth.HEADER and not _HEADER.fullmatch(tool.auth_name):
        yield Problem("auth_name", "Name the header: letters, digits and hyphens, e.g. X-Api-Key.")
    if tool.auth == tool.Auth.HEADER and tool.auth_name.lower() in _OUR_HEADERS:
        yield Problem("auth_name", "This header is set by the request itself. Name the one that carries the secret.")
    if tool.auth == tool.Auth.BASIC and (":" in tool.auth_name or not _PRINTABLE.fullmatch(tool.auth_name)):
        yield Problem("auth_name", "Enter the user name: printable ASCII without a colon.")


def _answer(tool: "HttpTool") -> Iterator[Problem]:
    if len(tool.pointers) > MAX_POINTERS:
        yield Problem("pick", f"At most {MAX_POINTERS} pointers.")
    for pointer in tool.pointers:
        if not pointer.startswith("/") or re.search(r"~(?![01])", pointer):
            yield Problem("pick", f"'{pointer}' is no JSON pointer. Write /status or /delivery/expected_on.")


def _properties(tool: "HttpTool") -> Mapping[str, Any]:
    properties = tool.arguments.get("properties") if isinstance(tool.arguments, dict) else None
    return properties if isinstance(properties, dict) else {}


def _types(schema: Any) -> set[str]:
    given = schema.get("type", []) if isinstance(schema, dict) else []
    return {given} if isinstance(given, str) else set(given)
