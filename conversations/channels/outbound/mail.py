"""Replies by e-mail, through Django's mail backend."""

import re
import smtplib
from contextlib import suppress
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from conversations.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcomeError
from conversations.channels.outbound.plain import markdown_to_text, source_lines
from conversations.chat.links import NoMailAddress, continue_link_make
from conversations.models import Conversation, Delivery, Identity, Message, Query

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_SUBJECT_NOISE = re.compile(r"^(?:(?:re|aw|sv|fw|fwd)\s*:\s*)+|\[CQ-[A-Z0-9-]+\]", re.IGNORECASE)
MAX_REFERENCES = 20  # header lines stay short; clients need the first and the latest


def message_id_make(message: Message) -> str:
    """The Message-ID an outbound message gets, the same however often it is sent."""
    return f"<{message.pk}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


def mail_address_for(query: Query) -> str:
    """Where a reply to `query` goes: the address that wrote it, else a verified one of its customer, else empty."""
    sender = query.message.sender
    if sender is not None and sender.kind == Identity.Kind.EMAIL:
        return sender.value
    known = Identity.objects.filter(
        customer=query.conversation.customer_id, kind=Identity.Kind.EMAIL, verified_at__isnull=False
    )
    return known.order_by("-verified_at").values_list("value", flat=True).first() or ""


def mail_send(delivery: Delivery) -> None:
    """Send `delivery.message` to `delivery.target`. Until the text itself is sent, a failure is a definite no; an
    answer of the server is definite too; a connection that breaks in between leaves the outcome unknown.
    """
    mail = _mail_build(delivery)
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # smtplib's errors are OSErrors too
        raise TemporaryDeliveryError(f"The mail server cannot be used ({type(error).__name__}).") from error
    mail.connection = connection
    try:
        _hand_over(mail)
    finally:
        with suppress(OSError):  # the mail is away, however the goodbye goes
            connection.close()


def _hand_over(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        raise _refusal(code, "the address") from error
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentDeliveryError("The mail server does not support what this address needs.") from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, "the mail") from error
    except OSError as error:
        raise UnknownOutcomeError(f"The connection broke while sending ({type(error).__name__}).") from error


def _refusal(code: int, what: str) -> PermanentDeliveryError | TemporaryDeliveryError:
    text = f"The mail server refused {what} ({code})."
    return PermanentDeliveryError(text) if code >= 500 else TemporaryDeliveryError(text)


def _mail_build(delivery: Delivery) -> EmailMultiAlternatives:
    message = delivery.message
    if message is None or not delivery.target:
        raise PermanentDeliveryError("There is no address to send to, or nothing to send.")
    context = _context(message, delivery)
    mail = EmailMultiAlternatives(
        subject=mail_subject(delivery.query.message.subject, message.conversation),
        body=render_to_string("conversations/mail/reply.txt", context),
        to=[delivery.target],
        reply_to=[settings.DEFAULT_FROM_EMAIL],
        headers=_headers(message, delivery.query.message),
    )
    mail.attach_alternative(render_to_string("conversations/mail/reply.html", context), "text/html")
    return mail


def _context(message: Message, delivery: Delivery) -> dict[str, Any]:
    return {
        "message": message,
        "text": markdown_to_text(message.text),
        "reference": message.conversation.reference,
        "sources": source_lines(message.sources),
        "chat_url": _chat_url(message.conversation, delivery.target),
        "by_machine": message.author != Message.Author.CONSULTANT,
    }


def _chat_url(conversation: Conversation, address: str) -> str:
    try:
        return continue_link_make(conversation, address=address)
    except NoMailAddress:
        return ""


def mail_subject(subject: str, conversation: Conversation) -> str:
    """``Re: <the customer's subject> [CQ-…]``, on one line."""
    plain = " ".join(_SUBJECT_NOISE.sub(" ", subject or conversation.subject).split())
    return f"Re: {plain or 'your message'} [{conversation.reference}]"


def _headers(message: Message, asked: Message) -> dict[str, str]:
    headers = {"Message-ID": message.external_id, "X-OmniCQM-Message": message.pk}
    references = [ref for ref in [*asked.references, asked.external_id] if _MESSAGE_ID.fullmatch(ref)]
    if references:
        headers["References"] = " ".join(references[:1] + references[1:][-MAX_REFERENCES:])
    if _MESSAGE_ID.fullmatch(asked.external_id):
        headers["In-Reply-To"] = asked.external_id
    if message.author != Message.Author.CONSULTANT:
        headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    return headers
