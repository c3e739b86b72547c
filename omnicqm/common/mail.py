"""Where e-mails go: to the mail server, or into a folder where none is set. Never into a log: they are personal."""

import os
import re
from collections.abc import Sequence
from email.utils import parseaddr
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

MAX_KEPT = 500  # the newest
# Nobody can have an address there (RFC 2606, RFC 6761).
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$", re.IGNORECASE)


class FolderBackend(BaseEmailBackend):
    """Keeps every e-mail as a file of settings.EMAIL_FOLDER, for the owner of the installation alone."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            mail_keep(message)
        return len(email_messages)


class SmtpBackend(EmailBackend):
    """Sends by the mail server. What goes to addresses that nobody can have, as those of the demo, is kept instead."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [message for message in email_messages if all(map(is_reserved, message.recipients()))]
        for message in kept:
            mail_keep(message)
        sent = super().send_messages([message for message in email_messages if message not in kept])
        return len(kept) + (sent or 0)


def is_reserved(address: str) -> bool:
    """Whether `address` is one of those names that exist for examples."""
    return _RESERVED.search(parseaddr(address)[1].rpartition("@")[2]) is not None


def mail_keep(message: EmailMessage) -> None:
    """Write `message` into the folder; the oldest beyond `MAX_KEPT` go."""
    folder = settings.EMAIL_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}.eml"
    with open(folder / name, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(message.message().as_bytes())
    for old in sorted(folder.glob("*.eml"))[:-MAX_KEPT]:
        old.unlink(missing_ok=True)
