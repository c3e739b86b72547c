"""HTML made to keep a parser busy is kept from parsers; its text is still read, and honest mails are not concerned."""

import pytest

from conversations.mail.markup import html_text
from conversations.mail.weight import MAX_ATTRIBUTES, MAX_DEPTH, html_is_heavy
from conversations.rendering import html_sanitise

ATTRIBUTES = " ".join(f"a{number}" for number in range(MAX_ATTRIBUTES + 1))
OPEN = "".join(f"<p><b id=i{number}>x" for number in range(58)) + "</b>" * 58


@pytest.mark.parametrize(
    "html",
    [
        f"<div {ATTRIBUTES}>Hello</div>",
        f"<div {ATTRIBUTES.replace(' ', '/')}>Hello</div>",
        f'<!--<x a="--><div {ATTRIBUTES}>Hello</div>',
        f'<div a=\'"\' b=">" {ATTRIBUTES}>Hello</div>',
        f'<div a="<" {ATTRIBUTES}>Hello</div>',
        "<div>" * (MAX_DEPTH + 1) + "Hello",
        "".join(f"<p><b id=i{number}>" for number in range(100)) + "Hello",
        '<a b="' * 100_000 + "Hello",
    ],
    ids=["attributes", "slashes", "behind a comment", "behind a quote", "behind a bracket", "deep", "bold", "starts"],
)
def test_heavy_html_is_only_read_as_text(html):
    assert html_is_heavy(html)
    assert html_text(html).endswith("Hello") == html_sanitise(html).removesuffix("</p>").endswith("Hello")
    assert "<div" not in html_sanitise(html)


def test_html_that_would_grow_without_measure_is_only_shown_as_text():
    html = OPEN * 100
    assert not html_is_heavy(html)
    assert "<b>" not in html_sanitise(html)
    assert len(html_sanitise(html)) < len(html)


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="a > b" src="data:image/png;base64,' + "iVBO/Rw0+K" * 50_000 + '"><p>It\'s "fine"</p>',
        "<p>one<p>two<br>" * 10_000,
        "<div><table><tr><td><font size=2><b>cell</b></font></table></div>" * 5_000,
        "1 < 2 and a <b",
        "",
    ],
)
def test_honest_html_is_not_heavy(html):
    assert not html_is_heavy(html)


@pytest.mark.data
def test_no_mail_of_real_mail_programs_is_heavy(shared_data):
    mails = sorted((shared_data / "email_parsing" / "messages").iterdir())
    assert mails
    assert [mail.name for mail in mails if html_is_heavy(mail.read_text(errors="replace"))] == []
