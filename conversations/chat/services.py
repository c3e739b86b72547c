"""What a chat page can set off."""

from conversations.channels.base import InboundMessage
from conversations.chat.limits import limit_take
from conversations.chat.session import Browser
from conversations.models import Channel
from conversations.services.accept import Accepted, message_accept
from omnicqm.common.errors import ConfigurationError, ServiceUnavailable

CHANNEL_ID = "chat"
MESSAGES_PER_MINUTE = 20
MESSAGES_PER_MINUTE_AND_NETWORK = 120


def chat_message_send(
    *, browser: Browser, network: str, conversation_id: str, client_id: str, text: str, transcription_id: str = ""
) -> Accepted:
    """Take in what was typed, or spoken when there is a `transcription_id`. `conversation_id` is empty for a new
    conversation.

    The same `client_id` again, whatever connection it comes by, is the same message: pages send again what they never
    saw accepted. Raises `RateLimited`, and what `message_accept` raises.
    """
    limit_take(name="chat", key=browser.visitor, most=MESSAGES_PER_MINUTE, seconds=60)
    limit_take(name="chat-network", key=network, most=MESSAGES_PER_MINUTE_AND_NETWORK, seconds=60)
    return message_accept(
        inbound=InboundMessage(
            channel=_channel(),
            sender=browser.sender,
            text=text,
            conversation_id=conversation_id,
            external_id=f"{browser.visitor}:{client_id}",
            client_id=client_id,
            visitor=browser.visitor,
            transcription_id=transcription_id,
        )
    )


def _channel() -> Channel:
    channel = Channel.objects.filter(pk=CHANNEL_ID).first()
    if channel is None:
        raise ConfigurationError(
            "There is no channel 'chat'. Make it with 'manage.py up' or in the admin.", param="channel"
        )
    if not channel.is_active:
        raise ServiceUnavailable("The chat is closed at the moment.")
    return channel
