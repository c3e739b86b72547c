"""Whatever arrives is read, and never to nothing. How soon, is measured by ``benchmarks/mail_reading.py``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.mail.markup import html_text, marks_remove
from conversations.mail.reading import mail_text
from omnicqm.common.text import text_clean
from tests.conversations.mail.hostile import LONG_LINES, MARKUP_PIECES, TEXT_PIECES, repeated

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


@pytest.mark.parametrize("piece", TEXT_PIECES)
def test_a_piece_said_without_end_is_read_to_no_more_than_was_written(piece: str) -> None:
    text = repeated(piece)
    assert len(mail_text(text=text, html="")) <= len(text)


@pytest.mark.parametrize("piece", MARKUP_PIECES)
def test_markup_without_end_is_read_to_no_more_than_was_written(piece: str) -> None:
    html = repeated(piece)
    assert len(mail_text(text="", html=html)) <= len(html)


def test_endless_lines_below_short_ones_are_read_from_the_top() -> None:
    assert mail_text(text=LONG_LINES, html="").startswith("Hi")
