"""Trying a channel's way out without a customer: a signed callback, or a mail, and what became of it."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.mail import EmailMessage

from conversations.channels.outbound.callback import TIMEOUT_SECONDS, signed_headers
from conversations.models import Channel
from omnicqm.common.errors import InvalidInput, OmniError
from omnicqm.common.ids import new_id
from omnicqm.common.outgoing import outgoing_post
from omnicqm.common.services import audit_record

EVENT = "channel.test"
MOST_SHOWN = 1000  # characters of what the other side answered


@dataclass(frozen=True)
class Trial:
    """How it went. `words` is a sentence, `sent` and `answered` are what went out and came back, as far as they did."""

    ok: bool
    words: str
    sent: str = ""
    answered: str = ""
    took_ms: int = 0


def channel_try(*, channel: Channel, target: str, actor: str) -> Trial:
    """Send a test to `target`: an address with @ gets a mail, a URL a callback of the type ``channel.test``.

    Errors of the other side are the result. Raises `InvalidInput` when there is no way to `target`.
    """
    audit_record(actor=actor, action="channel.tried", obj=channel)
    began = time.monotonic()
    trial = _mail_try(channel, target) if "@" in target and "://" not in target else _callback_try(channel, target)
    took = round((time.monotonic() - began) * 1000)
    return Trial(trial.ok, trial.words, trial.sent, trial.answered, took)


def _callback_try(channel: Channel, url: str) -> Trial:
    if not url.startswith(("https://", "http://")):
        raise InvalidInput("Write an address that begins with https://, or an e-mail address.", param="target")
    now = datetime.now(UTC)
    body = {"type": EVENT, "timestamp": now.isoformat(), "data": {"channel_id": channel.pk}}
    content = json.dumps(body, ensure_ascii=False)
    headers = signed_headers(channel, new_id("dlv"), content)
    sent = "\n".join([f"POST {url}", *(f"{name}: {value}" for name, value in headers.items()), "", content])
    try:
        answer = outgoing_post(url, content=content.encode(), headers=headers, timeout=TIMEOUT_SECONDS)
    except OmniError as error:
        return Trial(False, error.message, sent)
    words = f"The receiver answered {answer.status}."
    if not answer.is_success:
        words += " It has taken a callback only when it answers with 2xx."
    return Trial(answer.is_success, words, sent, answer.body.decode(errors="replace")[:MOST_SHOWN])


def _mail_try(channel: Channel, address: str) -> Trial:
    mail = EmailMessage(
        subject=f"Test of the channel {channel.title}",
        body="This is a test from the console of OmniCQM. Nobody needs to answer it.",
        to=[address],
        reply_to=[settings.DEFAULT_FROM_EMAIL],
        headers={"Auto-Submitted": "auto-generated"},
    )
    sent = f"From: {mail.from_email}\nTo: {address}\nSubject: {mail.subject}"
    try:
        mail.send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; ValueError: an address that is none
        return Trial(False, f"The mail was not sent ({type(error).__name__}). Look at EMAIL_HOST and its login.", sent)
    where = "" if settings.EMAIL_HOST else " No mail server is set: it is a file in the folder mails."
    return Trial(True, f"The mail is on its way.{where}", sent)
