"""A reply's Markdown as a plain mail shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.outbound.plain import markdown_to_text, source_lines

TABLE = """\
| Card | Fee |
|---|---|
| Travel | **$450** |
| Plain | $0 |"""


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("It is **on its way** [1].", "It is on its way [1]."),
        ("# Costs\n\nNone, *really*.", "Costs\n\nNone, really."),
        ("One line\nand another", "One line\nand another"),
        ("1. Open it\n2. Close it", "1. Open it\n2. Close it"),
        ("3. Third\n4. Fourth", "3. Third\n4. Fourth"),
        ("* Large\n  * heavy\n\n  Ask us.\n* Small", "- Large\n  - heavy\n  Ask us.\n- Small"),
        (TABLE, "- Card: Travel; Fee: $450\n- Card: Plain; Fee: $0"),
        ("> He said\n> so", "> He said\n> so"),
        ("```\na  b\n```", "a  b"),
        ("Send `STOP`.", "Send STOP."),
        ("See [our terms](https://shop.example/terms).", "See our terms (https://shop.example/terms)."),
        ("<https://shop.example>", "https://shop.example"),
        ("[us@shop.example](mailto:us@shop.example)", "us@shop.example"),
        ("2 \\* 3 < 7 & more", "2 * 3 < 7 & more"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("", ""),
    ],
)
def test_marks_become_what_one_would_type(reply: str, told: str) -> None:
    assert markdown_to_text(reply) == told


@given(st.text("ab1 \n*_`[]()<>#-+.|>!\\~:/&", max_size=200))
def test_no_text_breaks_it(reply: str) -> None:
    markdown_to_text(reply)


def test_a_quote_nested_without_end_is_told_up_to_a_depth() -> None:
    assert markdown_to_text("> " * 5000 + "deep").startswith("> > >")


def test_every_number_has_its_source_and_a_document_is_named_once() -> None:
    sources = [{"title": "Delivery"}, {"title": "Returns"}, {"title": "Delivery"}]
    assert source_lines(sources) == ["[1, 3] Delivery", "[2] Returns"]
