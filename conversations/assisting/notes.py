"""Notes among ourselves: in the thread, and never to be seen by its customer."""

from typing import Any

from django.db import transaction

from conversations.escalations.events import escalation_announce
from conversations.models import Escalation, Message
from conversations.services.messages import message_append
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

MAX_NOTE_CHARS = 5_000


@transaction.atomic
def note_write(*, escalation: Escalation, user: Any, text: str) -> Message:
    """Put `text` into the thread as an internal note of `user`, whoever works on the case, also when it is over.

    Raises `InvalidInput` for an empty or an endless one.
    """
    text = text_clean(text).strip()
    if not text:
        raise InvalidInput("Write the note first.", param="note", code="blank")
    if len(text) > MAX_NOTE_CHARS:
        raise InvalidInput(f"A note has at most {MAX_NOTE_CHARS:,} characters.", param="note")
    note = message_append(
        conversation=escalation.conversation,
        direction=Message.Direction.NOTE,
        author=Message.Author.CONSULTANT,
        consultant_id=user.pk,
        channel=escalation.query.channel,
        text=text,
    )
    audit_record(actor=f"user:{user.pk}", action="note.written", obj=escalation, details={"message_id": note.pk})
    escalation_announce(escalation, "noted", user_id=user.pk)
    return note
