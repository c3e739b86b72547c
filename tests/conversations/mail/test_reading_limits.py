"""Whatever arrives is read, soon (in time of this process: other programs may be busy), and never to nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.mail.markup import html_text, marks_remove
from conversations.mail.reading import mail_text
from omnicqm.common.text import text_clean

LINES = st.sampled_from(
    [
        "",
        " ",
        "> quoted",
        ">",
        ">> deeper",
        "-- ",
        "--",
        "—",
        "Best regards,",
        "Thanks,",
        "Ada",
        "Sent from my iPhone",
        "On 3 Nov 2026 at 10:15, Ada <ada@example.com> wrote:",
        "-----Original Message-----",
        "From: Ada <a@example.com>",
        "Sent: Monday",
        "Subject: x",
        "To: Omni",
        "Hello",
        "______________",
        "This e-mail is confidential.",
        "[cid:1]",
        "<blockquote>",
        "</blockquote>",
        '<div class="gmail_signature">',
        "<div id=divRplyFwdMsg>",
        "</div>",
        "\ue000",
        "\ue001",
    ]
)
MAILS = st.lists(LINES | st.text(max_size=40), max_size=25).map(lambda lines: text_clean("\n".join(lines)))


# What starts with a tag is taken for HTML, which may well show nothing.
TEXTS = MAILS.filter(lambda text: not marks_remove(text).lstrip().startswith("<"))


@given(text=TEXTS)
def test_a_mail_that_shows_text_is_never_read_to_nothing(text: str) -> None:
    assert bool(mail_text(text=text, html="")) == bool(_seen(text))


@given(text=TEXTS, html=MAILS)
def test_of_two_forms_one_is_always_read(text: str, html: str) -> None:
    assert mail_text(text=text, html=html) or not (_seen(text) or _seen(html_text(html)))


def _seen(text: str) -> str:
    return marks_remove(text).strip()


@pytest.mark.parametrize(
    "piece",
    [
        "On 3 Nov 2026 at 10:15 ",
        "On 3 Nov 2026 at 10:15, a@b.example\n",
        "> ",
        ">\n",
        "> a\nb\n",
        "a" * 50,
        "\n",
        " ",
        "-",
        "From: a\n",
        "From: a@b.example\nSubject: x\n",
        "wrote: ",
        "1",
        "<a@b.example> ",
        "Best regards,\n",
        "--\n",
        "Ada\n\n",
        "Thanks,\nAda\n\n",
        "[cid:",
        "Order 1 ",
        "+1 (",
        "-----Original Message----- ",
        "a.a@",
        "This e-mail ",
        "_\n",
        "(\n",
        "-Ada\n\n",
        "Ada Winter\na@b.example\n\n",
    ],
)
def test_a_long_text_is_read_within_two_seconds(piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    started = time.process_time()
    mail_text(text=text, html="")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<div>a",
        "<blockquote>a",
        "<p>a",
        "<table><tr><td>a",
        "<a b ",
        "<",
        "<!--",
        "a<br>",
        "&nbsp;",
        "&",
        '<span style="display:none">',
        '<div style="border-top:solid 1px">',
        "<font>x</font>",
        "</div>",
        "<pre>\n",
        "<li>",
        '<blockquote type="cite">On 3 Nov 2026, a@b.example wrote:<br>',
        "<div class=gmail_signature>a",
    ],
)
def test_long_markup_is_read_within_two_seconds(piece: str) -> None:
    html = (piece * (100_000 // len(piece) + 1))[:100_000]
    started = time.process_time()
    mail_text(text="", html=html)
    assert time.process_time() - started < 2


def test_endless_lines_below_short_ones_are_read_within_two_seconds() -> None:
    long_line = "a" * 50_000
    started = time.process_time()
    mail_text(text=f"Hi\n\nFrom: x\n{long_line}\n\nBest regards,\nAda\n{long_line}", html="")
    assert time.process_time() - started < 2
