"""What a chat page can set off."""

from conversations.channels.base import InboundMessage
from conversations.chat.limits import limit_take
from conversations.chat.session import Browser
from conversations.models import Channel, WidgetKey
from conversations.services.accept import Accepted, message_accept
from omnicqm.common.errors import ConfigurationError, ServiceUnavailable

CHANNEL_ID = "chat"
MESSAGES_PER_MINUTE = 20
MESSAGES_PER_MINUTE_AND_NETWORK = 120


def chat_message_send(*, browser: Browser, network: str, conversation_id: str, client_id: str, text: str) -> Accepted:
    """Take in what was typed. `conversation_id` is empty for a new conversation.

    The same `client_id` again, whatever connection it comes by, is the same message: pages send again what they never
    saw accepted. Raises `RateLimited`, and what `message_accept` raises.
    """
    limit_take(name="chat", key=browser.visitor, most=MESSAGES_PER_MINUTE, seconds=60)
    limit_take(name="chat-network", key=network, most=MESSAGES_PER_MINUTE_AND_NETWORK, seconds=60)
    if browser.widget is not None:
        _widget_count(browser.widget)
    return message_accept(
        inbound=InboundMessage(
            channel=_channel(browser),
            sender=browser.sender,
            text=text,
            conversation_id=conversation_id,
            external_id=f"{browser.visitor}:{client_id}",
            client_id=client_id,
        )
    )


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
