"""Mails as they travel are taken apart, however broken they are."""

from email.message import EmailMessage

import pytest

from conversations.mail.parts import mail_parts


def test_both_forms_of_a_mail_are_found_and_attachments_are_not_read() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Where is it?"
    mail.set_content("Où est-il ?", charset="iso-8859-1")
    mail.add_alternative("<p>Où est-il ?</p>", subtype="html")
    mail.add_attachment("not for reading", filename="note.txt")
    parts = mail_parts(mail.as_bytes())
    assert (parts.text.strip(), parts.html.strip()) == ("Où est-il ?", "<p>Où est-il ?</p>")
    assert parts.headers["subject"] == "Where is it?"


@pytest.mark.parametrize("charset", ["utf-8", "nonsense", "ascii", ""])
def test_a_wrong_charset_does_not_lose_the_text(charset: str) -> None:
    content = f"Content-Type: text/plain; charset={charset}\n\nGrüße".encode()
    assert mail_parts(content).text == "Grüße"


def test_bytes_that_are_no_utf_8_are_read_as_windows_1252() -> None:
    assert mail_parts(b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe").text == "Grüße"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\xff\xfe\x00",
        b"To: <a@b\nContent-Type: multipart/mixed\n\n--x",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n%%%",
        b"Content-Type: message/rfc822\n\nContent-Type: nonsense; a=b; a*0=c\n\nHi",
        b"From: \"x\nDate: yesterday\nContent-Type: text/html; charset*=''%%\n\n<p>Hi",
    ],
)
def test_a_broken_mail_raises_nothing(content: bytes) -> None:
    mail_parts(content)
