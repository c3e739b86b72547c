"""The ways out that adapters and deliveries share: signed callback, mail, the live connection."""

from collections.abc import Callable, Mapping

from conversations.channels.base import PermanentDeliveryError
from conversations.channels.outbound.callback import callback_send
from conversations.channels.outbound.live import live_send
from conversations.channels.outbound.mail import mail_address_for, mail_send, message_id_make
from conversations.models import Delivery

_WAYS: Mapping[str, Callable[[Delivery], None]] = {
    Delivery.Kind.CALLBACK: callback_send,
    Delivery.Kind.MAIL: mail_send,
    Delivery.Kind.LIVE: live_send,
}

__all__ = ["callback_send", "delivery_send", "live_send", "mail_address_for", "mail_send", "message_id_make"]


def delivery_send(delivery: Delivery) -> None:
    """Carry `delivery` out its way; returns when the other side has taken it.

    Raises `PermanentDeliveryError`, `TemporaryDeliveryError` or `UnknownOutcomeError` of `channels.base`.
    """
    way = _WAYS.get(delivery.kind)
    if way is None:
        raise PermanentDeliveryError(f"There is no way out called '{delivery.kind}'.")
    way(delivery)
