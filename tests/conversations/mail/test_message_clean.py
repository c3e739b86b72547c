"""``manage.py message_clean`` shows what the agent would read."""

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def clean(path: Path) -> str:
    out = StringIO()
    call_command("message_clean", "--kind", "email", str(path), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mail.txt", "Where is it?\n\n-- \nAda"),
        ("mail.html", '<p>Where is it?</p><div class="gmail_signature">Ada</div>'),
        ("mail.eml", "Subject: x\nContent-Type: text/html\n\n<p>Where is it?</p><blockquote>Hi</blockquote>"),
    ],
)
def test_text_markup_and_whole_mails_are_read(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert clean(path) == "Where is it?\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.txt cannot be read: No such file or directory\."):
        clean(tmp_path / "gone.txt")


def test_a_file_no_mail_can_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(CommandError, match="larger than 10 MB"):
        clean(path)


@pytest.mark.parametrize(
    "content",
    [
        "Where is it?\n\n-- \nAda",
        "<p>Where is it?</p><blockquote>Hi</blockquote>",
        "Subject: x\nContent-Type: text/html;\n charset=utf-8\n\n<p>Where is it?</p><blockquote>Hi</blockquote>",
    ],
)
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(content.encode())))
    assert clean(Path("-")) == "Where is it?\n"


def test_binary_data_is_refused_and_never_printed(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(CommandError, match="holds binary data; a message is text"):
        clean(path)
