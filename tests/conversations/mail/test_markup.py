"""HTML mails, as the programs of customers write them."""

import pytest

from conversations.mail.reading import mail_text


def read(html: str) -> str:
    return mail_text(text="", html=html)


def test_paragraphs_lines_lists_and_tables_stay_readable() -> None:
    html = (
        "<p>Hi,</p><p>two&nbsp;things:<br>first</p><ul><li>a</li><li>b</li></ul>"
        "<table><tr><td>x</td><td>1</td></tr></table>"
    )
    assert read(html) == "Hi,\n\ntwo things:\nfirst\n\n* a\n* b\n\nx  1"


@pytest.mark.parametrize(
    "unseen",
    [
        "<style>p {color: red}</style>",
        "<script>alert(1)</script>",
        "<head><title>secret</title></head>",
        '<span style="display:none">secret</span>',
        '<div style="DISPLAY : none"><p>secret</p></div>',
        '<span style="font-size:0px">secret</span>',
        "<p hidden>secret</p>",
        "<!-- secret -->",
        "<template>secret</template>",
    ],
)
def test_what_nobody_sees_is_not_read(unseen: str) -> None:
    assert read(f"<p>Hello</p>{unseen}<p>there</p>") == "Hello\n\nthere"


def test_a_template_that_gives_its_text_a_size_again_is_read() -> None:
    html = '<table><tr><td style="font-size:0px"><div style="font-size:13px">Where is it?</div></td></tr></table>'
    assert read(html) == "Where is it?"


def test_markup_nested_beyond_sense_is_still_read() -> None:
    assert read("<div>" * 50_000 + "Where is it?") == "Where is it?"


@pytest.mark.parametrize(
    "thread",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Tue, 3 Nov 2026 at 10:15, Omni '
        '&lt;<a href="mailto:h@o.example">h@o.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote">It was sent.</blockquote></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Avsändare:</b> Omni<br>'
        "<b>Rubrik:</b> x</div><div>It was sent.</div>",
        '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt 0 0 0"><p><b>Frá:</b> Omni<br>'
        "<b>Efni:</b> x</p></div></div><p>It was sent.</p>",
        '<div class="yahoo_quoted" id="yahoo_quoted_1"><div>On Tuesday Omni wrote:</div><div>It was sent.</div></div>',
        '<div class="protonmail_quote">On Tuesday, Omni wrote:<blockquote type="cite">It was sent.</blockquote></div>',
        '<div class="moz-cite-prefix">On 03.11.26 10:15, Omni wrote:<br></div>'
        '<blockquote type="cite">It was sent.</blockquote>',
        '<div><br><blockquote type="cite"><div>On 3 Nov 2026, at 10:15, Omni &lt;h@o.example&gt; wrote:</div>'
        "<div>It was sent.</div></blockquote></div>",
    ],
)
def test_the_thread_below_is_cut_whatever_the_mail_program(thread: str) -> None:
    assert read(f"<div>Where is my parcel?</div>{thread}") == "Where is my parcel?"


def test_answers_between_quote_blocks_are_kept() -> None:
    html = (
        '<div class="gmail_quote">On 3 Nov 2026 at 10:15, Omni &lt;h@o.example&gt; wrote:<br>'
        '<blockquote class="gmail_quote">Which colour?</blockquote><div>Blue.</div>'
        '<blockquote class="gmail_quote">Where do you live?</blockquote><div>In Oslo.</div></div>'
    )
    assert read(html).split() == ["Blue.", "In", "Oslo."]


def test_text_a_customer_indents_is_the_customers() -> None:
    html = (
        '<div>The label says</div><blockquote class="gmail_quote" style="margin:0 0 0 40px">Made in Oslo</blockquote>'
    )
    assert "Made in Oslo" in read(html)


def test_a_forwarded_mail_without_a_word_above_is_read_itself() -> None:
    html = (
        '<div dir="ltr"><br><div class="gmail_quote">---------- Forwarded message ---------<br>'
        "From: Shop &lt;s@example.com&gt;<br>Subject: Bill<br><br>Pay 10 dollars.</div></div>"
    )
    assert "Pay 10 dollars." in read(html)


@pytest.mark.parametrize("block", ['class="gmail_signature"', 'id="Signature"', 'class="moz-signature"'])
def test_a_signature_marked_by_the_mail_program_is_left_out(block: str) -> None:
    assert read(f"<p>Where is it?</p><div {block}>Anything at all, even a long sentence.</div>") == "Where is it?"


def test_words_written_inside_the_signature_are_read_when_there_are_no_others() -> None:
    assert read('<div id="ms-outlook-mobile-signature">Where is it?</div>') == "Where is it?"


def test_the_text_form_is_preferred() -> None:
    assert mail_text(text="From the text", html="<p>From the markup</p>") == "From the text"


@pytest.mark.parametrize("stub", ["", " \n", "This mail is in HTML."])
def test_a_stub_gives_way_to_the_markup(stub: str) -> None:
    words = "I would like to know where my parcel is, because it was promised for Monday and today is Thursday already."
    assert mail_text(text=stub, html=f"<p>{words}</p>") == words


def test_markup_in_the_field_for_text_is_read_as_markup() -> None:
    assert mail_text(text="<html><body><p>Where is it?</p></body></html>", html="") == "Where is it?"


def test_a_comparison_is_not_markup() -> None:
    assert mail_text(text="<3 your shop", html="") == "<3 your shop"
