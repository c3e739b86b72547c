"""The way in: one message of a customer, whatever the door, becomes a stored message and pending work.

Everything happens in one transaction; who gets an answer from here may promise that nothing will be lost.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.channels import adapter_for
from conversations.channels.base import InboundAttachment, InboundMessage
from conversations.errors import ChannelInactive, NothingToAnswer
from conversations.escalations.services import escalation_customer_wrote
from conversations.identity import identity_resolve
from conversations.models import Attachment, Conversation, Identity, Message, Query
from conversations.rendering import html_sanitise
from conversations.services.messages import message_append
from conversations.services.thread import thread_choose
from conversations.speech.audio.kinds import is_recording
from conversations.speech.recordings import QUERY_WAITS, VOICE_NOTE, recordings_expect
from conversations.speech.services import Owner, transcription_use
from conversations.work.endings import queries_end
from omnicqm.common.errors import Conflict
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue
from omnicqm.common.text import line_clean, text_clean

MAX_TEXT_CHARS = 100_000
MAX_SUBJECT_CHARS = 300


@dataclass(frozen=True)
class Accepted:
    """What became of a message. `duplicate`: it had come in before; nothing was done again."""

    query: Query
    message: Message
    duplicate: bool = False


def message_accept(*, inbound: InboundMessage) -> Accepted:
    """Take a message in: clean it, find customer and conversation, store it with its query, and wake a worker.

    The same (channel, external id) again returns what the first time made, also when both come at once. Raises
    `ChannelInactive`, `NothingToAnswer`, `InvalidInput` for a malformed sender, and `ConversationNotFound` for a
    conversation that is not the sender's, `TranscriptionNotFound` and `TranscriptionUsed`. A message that is nothing
    but a recording is taken in too; it is answered when there is a text of it.
    """
    if not inbound.channel.is_active:
        raise ChannelInactive(f"The channel '{inbound.channel.pk}' is switched off.", param="channel_id")
    if known := _known(inbound):
        return known
    cleaned = _cleaned(inbound)
    text = adapter_for(inbound.channel).clean_text(cleaned) or (VOICE_NOTE if _is_voice_note(inbound) else "")
    if not text.strip():
        raise NothingToAnswer("message holds no text.", param="message")
    try:
        return _store(inbound, cleaned, text_cut(text))
    except IntegrityError:  # the same message was stored a moment ago
        known = _known(inbound)
        if known is None:
            raise
        return known


def _is_voice_note(inbound: InboundMessage) -> bool:
    return any(is_recording(name=one.name, content_type=one.content_type) for one in inbound.attachments)


def text_cut(text: str) -> str:
    """The clean `text`, of one without end the first `MAX_TEXT_CHARS` and a line that says so.

    Refused, the mail would be lost: it is the gateway, not the customer, who would hear of it.
    """
    rest = len(text) - MAX_TEXT_CHARS
    if rest <= 0:
        return text
    notice = f"[Cut here: {rest:,} more characters are kept with the message as it came.]"
    return f"{text[:MAX_TEXT_CHARS].rstrip()}\n\n{notice}"


def _known(inbound: InboundMessage) -> Accepted | None:
    if not inbound.external_id:
        return None
    messages = Message.objects.select_related("query", "conversation__customer").filter(
        channel=inbound.channel, external_id=inbound.external_id, direction=Message.Direction.INBOUND
    )
    message = messages.first()
    if message is None:
        return None
    if not hasattr(message, "query"):
        raise Conflict("external_id belongs to a message that asked nothing.", param="external_id")
    return Accepted(message.query, message, duplicate=True)


def _cleaned(inbound: InboundMessage) -> InboundMessage:
    verified = adapter_for(inbound.channel).sender_verified(inbound)
    return replace(
        inbound,
        text=text_clean(inbound.text),
        html=text_clean(inbound.html),
        subject=line_clean(inbound.subject)[:MAX_SUBJECT_CHARS],
        sender=replace(inbound.sender, display_name=line_clean(inbound.sender.display_name), verified=verified),
    )


@transaction.atomic
def _store(raw: InboundMessage, inbound: InboundMessage, text: str) -> Accepted:
    automatic = adapter_for(inbound.channel).automatic_reason(inbound)
    identity = identity_resolve(sender=inbound.sender, source=inbound.channel.pk)
    conversation = thread_choose(inbound, identity, reopen=not automatic)
    message = _message_store(raw, inbound, text, identity, conversation)
    attachments = [_attachment_store(message, attachment) for attachment in inbound.attachments]
    for transcription_id in inbound.transcription_ids:
        owner = Owner(visitor=inbound.visitor, client=inbound.client)
        transcription_use(transcription_id=transcription_id, owner=owner, message=message)
    waits = not automatic and recordings_expect(message=message, attachments=attachments)
    query = _query_create(inbound, message, waits=waits)
    audit_record(
        actor=f"client:{inbound.client}" if inbound.client else f"customer:{identity.customer_id}",
        action="query.received",
        obj=query,
        details={"message_id": message.pk, "channel_id": inbound.channel.pk},
    )
    if automatic:
        queries_end(queries=[query], status=Query.Status.IGNORED, reason=automatic[:200])
    else:
        escalation_customer_wrote(conversation=conversation, message=message)
        task_enqueue("conversations.query_work", query.pk)
    return Accepted(query, message)


def _message_store(
    raw: InboundMessage, inbound: InboundMessage, text: str, identity: Identity, conversation: Conversation
) -> Message:
    return message_append(
        conversation=conversation,
        direction=Message.Direction.INBOUND,
        author=Message.Author.CUSTOMER,
        channel=inbound.channel,
        text=text,
        html=html_sanitise(inbound.html),
        raw_text=_storable(raw.text),
        raw_html=_storable(raw.html),
        sender=identity,
        sender_verified=inbound.sender.verified,
        spoken=bool(inbound.transcription_ids) or _is_voice_note(inbound),
        subject=inbound.subject,
        external_id=inbound.external_id,
        in_reply_to=inbound.in_reply_to,
        references=list(inbound.references),
        client_id=inbound.client_id,
        metadata=dict(inbound.metadata),
        received_at=inbound.received_at or timezone.now(),
    )


def _storable(text: str) -> str:
    """The raw text, less what PostgreSQL cannot hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _attachment_store(message: Message, attachment: InboundAttachment) -> Attachment:
    return Attachment.objects.create(
        message=message,
        name=file_name(attachment.name),
        content_type=attachment.content_type,
        size=len(attachment.content),
        sha256=hashlib.sha256(attachment.content).hexdigest(),
        file=ContentFile(attachment.content, name=message.pk),  # never the sender's name on our disk
    )


def file_name(name: str) -> str:
    """The last part of a sender's file `name`, for somebody may save it under this name: never a path."""
    last = re.split(r"[\\/]", name)[-1].strip()
    return last if last.strip(".") else "attachment"


def _query_create(inbound: InboundMessage, message: Message, *, waits: bool) -> Query:
    """`waits`: until what was spoken is text, but not for ever."""
    return Query.objects.create(
        message=message,
        conversation=message.conversation,
        channel=inbound.channel,
        client=inbound.client,
        callback_url=inbound.callback_url,
        due_at=timezone.now() + (QUERY_WAITS if waits else timedelta(0)),
    )
