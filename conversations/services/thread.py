"""Which conversation a message belongs to. Only a participant gets into one; a subject alone never decides."""

import re

from conversations.channels.base import InboundMessage
from conversations.errors import ConversationNotFound
from conversations.models import Conversation, Identity, Message
from conversations.services.status import conversation_hand_back

_REFERENCE = re.compile(r"\bCQ-[A-Z0-9]{4}-[A-Z0-9]{4}\b")


def thread_choose(inbound: InboundMessage, sender: Identity, *, reopen: bool = True) -> Conversation:
    """The conversation of `inbound`, locked; a new one when it continues none.

    In this order: the one it names, the one it replies to by external ids, the one whose reference number a verified
    sender put into the subject, the latest open one where the channel has one thread at a time. A resolved
    conversation is opened again, unless `reopen` is false. Raises `ConversationNotFound` when it names one that is not
    the sender's.
    """
    theirs = Conversation.objects.select_for_update(no_key=True).filter(customer=sender.customer_id)
    if inbound.conversation_id:
        conversation = theirs.filter(pk=inbound.conversation_id).first()
        if conversation is None:
            raise ConversationNotFound(
                "There is no such conversation of this customer. Leave conversation_id out to begin a new one.",
                param="conversation_id",
            )
    else:
        conversation_id = _continued(inbound, sender)
        conversation = theirs.filter(pk=conversation_id).first() if conversation_id else None
    if conversation is None:
        return Conversation.objects.create(customer=sender.customer, subject=inbound.subject)
    if reopen and conversation.status == Conversation.Status.RESOLVED:
        conversation_hand_back(conversation=conversation)
    return conversation


def _continued(inbound: InboundMessage, sender: Identity) -> str | None:
    theirs = Conversation.objects.filter(customer=sender.customer_id)
    replied_to = [external_id for external_id in (inbound.in_reply_to, *inbound.references) if external_id]
    if replied_to:
        messages = Message.objects.filter(external_id__in=replied_to, conversation__in=theirs).order_by("-created_at")
        if conversation_id := messages.values_list("conversation_id", flat=True).first():
            return conversation_id
    if not inbound.sender.verified:
        return None
    if references := _REFERENCE.findall(inbound.subject.upper()):
        return theirs.filter(reference__in=references).values_list("pk", flat=True).first()
    if inbound.continues_latest:
        still_open = theirs.exclude(status=Conversation.Status.RESOLVED).order_by("-updated_at")
        return still_open.values_list("pk", flat=True).first()
    return None
