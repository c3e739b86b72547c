"""Variables in addresses and bodies: whatever a model fills in stays where it was put."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import ToolError
from agents.http_tools.templates import TemplateInvalid, Values, body_fill, path_variables, url_fill, variables_of

URL = "https://shop.example/orders/{{order}}/status?email={{server.email}}&part={{part}}"
SERVER = {"email": "efua+shop@example.com"}


def filled(**arguments) -> str:
    return url_fill(URL, Values(arguments, SERVER))


def test_variables_are_percent_encoded():
    assert (
        filled(order="10/42 ?#&é", part="a&b=c")
        == "https://shop.example/orders/10%2F42%20%3F%23%26%C3%A9/status?email=efua%2Bshop%40example.com&part=a%26b%3Dc"
    )


def test_a_query_part_whose_argument_was_left_out_is_left_out():
    assert filled(order="1042") == "https://shop.example/orders/1042/status?email=efua%2Bshop%40example.com"


@pytest.mark.parametrize(("value", "text"), [(1042, "1042"), (1.5, "1.5"), (True, "true")])
def test_numbers_are_written_out(value, text):
    assert f"/orders/{text}/status" in filled(order=value)


@pytest.mark.parametrize(
    "value",
    [
        *("..", ".", "../admin", "..\\admin", "a/../../admin", "%2e%2e", "..%2fadmin", "..;/admin"),
        *("", "1\r\nX-Admin: yes", "1\x00", "\ud800", "x" * 501),
        *(10**19, float("inf"), float("nan"), ["1042"], {"a": 1}, None),
    ],
)
def test_what_could_lead_elsewhere_is_refused(value):
    with pytest.raises(ToolError):
        filled(order=value)


@given(st.text(max_size=60))
def test_no_text_leaves_its_place(value):
    try:
        url = filled(order=value, part=value)
    except ToolError:
        return
    path, _, query = url.removeprefix("https://shop.example").partition("?")
    assert path.count("/") == 3
    assert path.startswith("/orders/")
    assert path.endswith("/status")
    assert query.count("&") == 1
    assert "#" not in url
    assert url.isascii()


def test_what_the_server_does_not_know_is_not_sent():
    with pytest.raises(ToolError, match="email is not known for sure"):
        url_fill(URL, Values({"order": "1"}, {}))


def test_an_argument_never_stands_in_for_what_the_server_knows():
    url = url_fill(URL, Values({"order": "1", "email": "x@evil.example", "server.email": "x@evil.example"}, SERVER))
    assert "evil" not in url


@pytest.mark.parametrize(
    "template",
    ["https://{{host}}/orders", "https://shop.example:{{port}}/", "https://{{user}}@shop.example/", "{{everything}}"],
)
def test_where_a_request_goes_is_never_variable(template):
    with pytest.raises(TemplateInvalid):
        path_variables(template)


@pytest.mark.parametrize("template", ["/{{order", "/order}}", "/{{Order}}", "/{{a.b}}", "/{{{{order}}}}", "/{{ }}"])
def test_braces_that_name_no_variable_are_a_mistake(template):
    with pytest.raises(TemplateInvalid):
        variables_of(f"https://shop.example{template}")


BODY = {"order": "{{order}}", "lines": ["{{line}}", 1], "note": "By {{server.email}}: {{note}}", "fixed": True}


def test_a_body_keeps_types_and_leaves_out_what_is_missing():
    body = body_fill(BODY, Values({"order": 1042, "note": 'quote " and \\'}, SERVER))
    assert json.loads(body) == {
        "order": 1042,
        "lines": [1],
        "note": 'By efua+shop@example.com: quote " and \\',
        "fixed": True,
    }


def test_an_argument_cannot_bring_fields_or_variables_of_its_own():
    body = body_fill(BODY, Values({"order": '","admin":true,"x":"', "note": "{{server.customer_id}}"}, SERVER))
    assert set(json.loads(body)) == {"order", "lines", "note", "fixed"}
    assert json.loads(body)["note"].endswith("{{server.customer_id}}")


@pytest.mark.parametrize("value", ["x" * 40_000, float("nan"), "\ud800"])
def test_a_body_that_cannot_be_sent_is_refused(value):
    with pytest.raises(ToolError):
        body_fill({"order": "{{order}}"}, Values({"order": value}))


def test_names_of_fields_are_fixed():
    with pytest.raises(TemplateInvalid, match="values only"):
        variables_of({"{{order}}": 1})
