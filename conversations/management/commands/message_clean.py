"""``manage.py message_clean --kind email FILE``: what the agent would read of a message."""

import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.mail.parts import MailParts, bytes_text, mail_parts
from conversations.mail.reading import mail_text
from omnicqm.common.text import is_binary, text_clean

LARGEST = 10_000_000  # bytes


# Two header lines or more, folded ones too, and an empty line.
_HEADERS = re.compile(rb"(?:[!-9;-~]+:.*\n(?:[ \t]+\S.*\n)*){2,}\r?\n")


class Command(BaseCommand):
    help = (
        "Print what the agent would read of a message: without markup, quoted thread and signature. FILE is a mail "
        "(.eml), its HTML (.html, .htm) or its text (any other name); - is standard input, a mail when it starts with "
        "headers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=["email"], default="email", help="kind of channel (default: email)")
        parser.add_argument("file", help="the message, - for standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = _stdin_parts() if options["file"] == "-" else _parts(Path(options["file"]))
        self.stdout.write(mail_text(text=parts.text, html=parts.html))


def _stdin_parts() -> MailParts:
    content = _checked(sys.stdin.buffer.read(LARGEST + 1), "Standard input")
    return mail_parts(content) if _HEADERS.match(content) else MailParts(text=text_clean(bytes_text(content)), html="")


def _parts(path: Path) -> MailParts:
    content = _read(path)
    suffix = path.suffix.lower()
    if suffix == ".eml":
        return mail_parts(content)
    text = text_clean(bytes_text(content))
    return MailParts(text="", html=text) if suffix in (".html", ".htm") else MailParts(text=text, html="")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _checked(file.read(LARGEST + 1), str(path))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _checked(content: bytes, source: str) -> bytes:
    if len(content) > LARGEST:
        raise CommandError(f"{source} is larger than {LARGEST // 1_000_000} MB; a message is not.")
    if is_binary(content):
        raise CommandError(f"{source} holds binary data; a message is text.")
    return content
