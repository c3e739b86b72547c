"""The live connection: a stored message is delivered, since every page replays what it missed."""

from conversations.channels.base import PermanentDeliveryError
from conversations.chat.events import message_announce
from conversations.models import Delivery


def live_send(delivery: Delivery) -> None:
    """Announce the message to the pages that show its conversation; pages that have it already ignore it."""
    if delivery.message is None:
        raise PermanentDeliveryError("There is no message to show.")
    message_announce(delivery.message)
