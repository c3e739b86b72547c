"""What a chat page can set off."""

from django.db import transaction

from conversations.channels.base import InboundMessage
from conversations.chat.limits import limit_take
from conversations.chat.selectors import conversation_get
from conversations.chat.session import Browser
from conversations.errors import ConversationWithPeople
from conversations.models import Channel, Conversation, Customer, Query, WidgetKey
from conversations.services.accept import Accepted, message_accept
from conversations.services.status import conversation_resolve
from omnicqm.common.errors import ConfigurationError, ServiceUnavailable
from omnicqm.common.services import audit_record

CHANNEL_ID = "chat"
MESSAGES_PER_MINUTE = 20
MESSAGES_PER_MINUTE_AND_NETWORK = 120


def chat_message_send(
    *,
    browser: Browser,
    network: str,
    conversation_id: str,
    client_id: str,
    text: str,
    transcription_ids: tuple[str, ...] = (),
) -> Accepted:
    """Take in what was typed, or spoken where there are `transcription_ids`. `conversation_id` is empty for a new
    conversation.

    The same `client_id` again, whatever connection it comes by, is the same message: pages send again what they never
    saw accepted. Raises `RateLimited`, and what `message_accept` raises.
    """
    limit_take(name="chat", key=browser.visitor, most=MESSAGES_PER_MINUTE, seconds=60)
    limit_take(name="chat-network", key=network, most=MESSAGES_PER_MINUTE_AND_NETWORK, seconds=60)
    if browser.widget is not None:
        _widget_count(browser.widget)
    return _accept(
        InboundMessage(
            channel=_channel(browser),
            sender=browser.sender,
            text=text,
            conversation_id=conversation_id,
            external_id=f"{browser.visitor}:{client_id}",
            client_id=client_id,
            visitor=browser.visitor,
            transcription_ids=transcription_ids,
        ),
        browser.language,
    )


@transaction.atomic
def _accept(inbound: InboundMessage, language: str) -> Accepted:
    """The customer's language is stored with the message: a worker that is woken by it knows it already."""
    accepted = message_accept(inbound=inbound)
    if language:
        theirs = Customer.objects.filter(pk=accepted.message.conversation.customer_id)
        theirs.exclude(language=language).update(language=language)
    return accepted


@transaction.atomic
def chat_conversation_resolve(*, browser: Browser, conversation_id: str) -> Conversation:
    """The customer says that their question is solved. Saying it again changes nothing.

    Raises `ConversationNotFound`, and `ConversationWithPeople` while a person or the agent still works on it.
    """
    found = conversation_get(browser=browser, conversation_id=conversation_id)
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=found.pk)
    if conversation.status == Conversation.Status.RESOLVED:
        return conversation
    owed = Query.objects.filter(conversation=conversation, status__in=Query.PENDING)
    if conversation.status == Conversation.Status.WITH_CONSULTANT or owed.exists():
        raise ConversationWithPeople("Somebody still works on this. You can mark it as solved afterwards.")
    conversation_resolve(conversation=conversation)
    audit_record(actor=f"customer:{conversation.customer_id}", action="conversation.resolved", obj=conversation)
    return conversation


def _widget_count(widget: WidgetKey) -> None:
    """All its visitors together: what stands on a page of the company's may be found by anybody."""
    if not WidgetKey.objects.filter(pk=widget.pk, enabled=True).exists():
        raise ServiceUnavailable("The chat is closed at the moment.")
    limit_take(name="chat-widget", key=widget.pk, most=widget.messages_per_minute, seconds=60)


def _channel(browser: Browser) -> Channel:
    channel_id = browser.widget.channel_id if browser.widget else CHANNEL_ID
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise ConfigurationError(
            f"There is no channel '{channel_id}'. Make it with 'manage.py up' or in the admin.", param="channel"
        )
    if not channel.is_active:
        raise ServiceUnavailable("The chat is closed at the moment.")
    return channel
