"""What a definition must be before the agent may use it, and how its mistakes are told."""

import pytest
from django.core.exceptions import ValidationError

from agents.http_tools.checking import problems_find
from tests.agents.http_tools.company import ORDER, tool_make


def problems(**fields) -> dict[str, str]:
    """All that is said about a field, by field."""
    found: dict[str, str] = {}
    for problem in problems_find(tool_make(**fields)):
        found[problem.field] = f"{found.get(problem.field, '')} {problem.message}"
    return found


def arguments(**properties) -> dict:
    return {"type": "object", "properties": ORDER["properties"] | properties, "required": ["order"]}


def test_a_sound_definition_has_no_problems():
    assert problems() == {}
    more = arguments(part={"type": "integer"}, reason={"enum": ["late"], "type": "string"})
    body = {"part": "{{part}}", "why": "{{reason}}", "who": "{{server.customer_id}}"}
    assert problems(method="POST", arguments=more, body=body, pick="/status\n\n/a~1b/0", scopes=["channel:chat"]) == {}
    assert problems(auth="bearer", secret="t0ken") == {}
    assert problems(auth="header", auth_name="X-Api-Key", secret="t0ken") == {}
    assert problems(auth="basic", auth_name="shop", secret="pass word") == {}


SITE = "https://shop.example"
WRONG = {
    "a name with capitals": ({"name": "OrderStatus"}, "name", "small letters"),
    "a name of our own tool": ({"name": "escalate"}, "name", "tool of its own"),
    "a name of a conversation's tool": ({"name": "open_follow_up"}, "name", "tool of its own"),
    "no object": ({"arguments": {"type": "string"}}, "arguments", "JSON schema"),
    "no schema": ({"arguments": []}, "arguments", "JSON schema"),
    "broken schema": ({"arguments": arguments(part={"type": "strnig"})}, "arguments", "No valid JSON schema"),
    "a reference outward": (
        {"arguments": arguments(part={"$ref": "http://169.254.169.254/latest"})},
        "arguments",
        "not followed",
    ),
    "an argument nobody uses": ({"arguments": arguments(part={"type": "string"})}, "arguments", "used neither"),
    "an unknown argument": ({"url": SITE + "/{{order}}/{{part}}"}, "url", "not among the arguments"),
    "an object in the address": (
        {"arguments": {"type": "object", "properties": {"order": {"type": "object"}}, "required": ["order"]}},
        "arguments",
        "give it the type",
    ),
    "an optional argument in the path": (
        {"arguments": {"type": "object", "properties": ORDER["properties"]}},
        "arguments",
        "name it in 'required'",
    ),
    "too many arguments": (
        {"arguments": arguments(**{f"a{n}": {"type": "string"} for n in range(20)})},
        "arguments",
        "too large",
    ),
    "an unknown server variable": ({"url": SITE + "/{{order}}?u={{server.password}}"}, "url", "{{server.email}}"),
    "a variable host": ({"url": "https://{{order}}/"}, "url", "Write the host out"),
    "http": ({"url": "http://shop.example/{{order}}"}, "url", "must begin with https://"),
    "another scheme": ({"url": "file:///etc/passwd?{{order}}"}, "url", "whole address"),
    "a fragment": ({"url": SITE + "/{{order}}#top"}, "url", "without a #fragment"),
    "a password": ({"url": "https://a:b@shop.example/{{order}}"}, "url", "user name or password"),
    "a private address": ({"url": "https://169.254.169.254/{{order}}"}, "url", "OMNICQM_OUTGOING_ALLOW"),
    "an inward name": ({"url": "https://orders.internal/{{order}}"}, "url", "private address"),
    "a host not named": ({"allowed_hosts": "other.example"}, "allowed_hosts", "shop.example, which is not named"),
    "a port not named": ({"url": SITE + ":8443/{{order}}"}, "allowed_hosts", "shop.example:8443"),
    "no host": ({"allowed_hosts": "shop.example https://x"}, "allowed_hosts", "no host"),
    "a body with GET": ({"body": {"order": "{{order}}"}}, "body", "sends no body"),
    "a body that is a text": ({"method": "POST", "body": "{{order}}"}, "body", "object or list"),
    "variable field names": ({"method": "POST", "body": {"{{order}}": 1}}, "body", "values only"),
    "the customer without proof": ({"needs_verified": False}, "needs_verified", "verified customers only"),
    "no secret": ({"auth": "bearer"}, "auth", "needs a secret"),
    "no header": ({"auth": "header", "secret": "s"}, "auth_name", "Name the header"),
    "a header of ours": ({"auth": "header", "auth_name": "Host", "secret": "s"}, "auth_name", "set by the request"),
    "a header of two lines": (
        {"auth": "header", "auth_name": "X-A\r\nX-B", "secret": "s"},
        "auth_name",
        "letters, digits and hyphens",
    ),
    "a colon in the user": ({"auth": "basic", "auth_name": "a:b", "secret": "s"}, "auth_name", "without a colon"),
    "no pointer": ({"pick": "status"}, "pick", "no JSON pointer"),
    "scopes": ({"scopes": "channel:chat"}, "scopes", "list of texts"),
}


@pytest.mark.parametrize(("fields", "field", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_with_its_field_and_the_remedy(fields, field, words):
    assert words in problems(**fields)[field]


@pytest.mark.django_db
def test_saving_through_a_form_refuses_what_is_wrong():
    with pytest.raises(ValidationError) as refused:
        tool_make(save=True, url="https://shop.example/{{order}}/{{nothing}}")
    assert set(refused.value.message_dict) == {"url"}
