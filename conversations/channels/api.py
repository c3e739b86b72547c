"""A company's own software that asks on behalf of its customers."""

from conversations.channels.base import Adapter, InboundMessage, Sender
from conversations.channels.outbound import delivery_send
from conversations.mail.markup import html_text
from conversations.models import Channel, Delivery, Identity


class ApiAdapter(Adapter):
    def sender(self, channel: Channel, user_id: str) -> Sender:
        """An e-mail address or a phone number with its country code stands for itself; anything else is the caller's
        own id, which means something within this channel only."""
        verified = channel.sender_trust == Channel.SenderTrust.GATEWAY
        if "@" in user_id:
            return Sender(Identity.Kind.EMAIL, user_id, verified=verified)
        if user_id.startswith("+"):
            return Sender(Identity.Kind.PHONE, user_id, verified=verified)
        return Sender(Identity.Kind.EXTERNAL, f"{channel.pk}:{user_id}" if user_id.strip() else "", verified=verified)

    def clean_text(self, inbound: InboundMessage) -> str:
        return inbound.text.strip() or html_text(inbound.html)

    def send(self, delivery: Delivery) -> None:
        delivery_send(delivery)
