"""The frames a chat page receives. Clients ignore types and fields they do not know, so both may be added."""

from typing import Any

from conversations.models import Conversation, Escalation, Message

Frame = dict[str, Any]


def ready_frame(conversation_id: str, seq: int) -> Frame:
    """First frame of a connection. `conversation_id` is empty and `seq` 0 until the first message makes one."""
    return {"type": "ready", "conversation_id": conversation_id, "seq": seq}


def resumed_frame(seq: int) -> Frame:
    """Everything up to `seq` has been sent again; what follows is live."""
    return {"type": "resumed", "seq": seq}


def conversation_frame(conversation: Conversation) -> Frame:
    """Who has the conversation now: `status` is open, with_consultant or resolved, `status_text` the same in words.

    `joined` says that a person has taken it up, `due_at` until when one should have answered (None when nobody is
    waited for).
    """
    words = Conversation.Status(conversation.status).label
    return {
        "type": "conversation",
        "status": conversation.status,
        "status_text": words,
        "joined": conversation.taken_over_by_id is not None,
        "due_at": _due_at(conversation),
    }


def _due_at(conversation: Conversation) -> str | None:
    if conversation.status != Conversation.Status.WITH_CONSULTANT:
        return None
    active = Escalation.objects.filter(conversation=conversation.pk, state__in=Escalation.OWED).order_by("due_at")
    due = active.values_list("due_at", flat=True).first()
    return due.isoformat() if due else None


def accepted_frame(client_id: str, message: Message, request_id: str) -> Frame:
    """`request_id` is of the query that the message makes: by it the reply can be rated."""
    conversation = message.conversation
    return {
        "type": "accepted",
        "client_id": client_id,
        "seq": message.seq,
        "conversation_id": conversation.pk,
        "reference": conversation.reference,
        "request_id": request_id,
    }


def status_frame(text: str) -> Frame:
    return {"type": "status", "text": text}


def delta_frame(run: str, text: str, part: int = 0) -> Frame:
    """`part` counts the pieces of `run` from 1, so that a page sees when it has missed one; 0 where nobody counts."""
    frame: Frame = {"type": "delta", "run": run, "text": text}
    return {**frame, "part": part} if part else frame


def retract_frame(run: str) -> Frame:
    return {"type": "retract", "run": run}


def error_frame(code: str, detail: str, client_id: str = "") -> Frame:
    """`client_id` names the sent message that was refused, if it was one."""
    frame = {"type": "error", "code": code, "detail": detail}
    return {**frame, "client_id": client_id} if client_id else frame


def message_frame(message: Message, previous_seq: int) -> Frame:
    """A message as its customer may see it.

    `previous_seq` is the message before it that the customer may see (0 for the first): internal notes take numbers
    too, so a jump in `seq` alone is no gap. What the customer wrote has no `html`: its clean text is shown. By
    `request_id`, empty for what is no reply, the reply can be rated.
    """
    return {
        "type": "message",
        "id": message.pk,
        "seq": message.seq,
        "previous_seq": previous_seq,
        "author": message.author,
        "text": message.text,
        "html": "" if message.author == Message.Author.CUSTOMER else message.html,
        "sources": message.sources,
        "subject": message.subject,
        "channel": {"id": message.channel_id, "kind": message.channel.kind, "title": message.channel.title},
        "client_id": message.client_id,
        "spoken": message.spoken,
        "run": message.run_id or "",
        "request_id": message.request_id,
        "attachments": [{"name": file.name, "size": file.size} for file in message.attachments.all()],
        "at": message.received_at.isoformat(),
    }
