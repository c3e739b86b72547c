"""``manage.py message_clean --kind email FILE``: what the agent would read of a message."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.mail.parts import MailParts, bytes_text, mail_parts
from conversations.mail.reading import mail_text
from omnicqm.common.text import text_clean

LARGEST = 10_000_000  # bytes


class Command(BaseCommand):
    help = (
        "Print what the agent would read of a message: without markup, quoted thread and signature. FILE is a mail "
        "(.eml), its HTML (.html, .htm) or its text (any other name)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=["email"], default="email", help="kind of channel (default: email)")
        parser.add_argument("file", help="the message")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = _parts(Path(options["file"]))
        self.stdout.write(mail_text(text=parts.text, html=parts.html))


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
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise CommandError(f"{path} is larger than {LARGEST // 1_000_000} MB; a message is not.")
    return content
