"""E-mail, as a gateway (a Power Automate flow, a mail server's hook) posts it to us."""

from email.utils import parseaddr

from django.conf import settings

from conversations.channels.base import Adapter, InboundMessage, Sender
from conversations.channels.outbound import delivery_send
from conversations.mail.automatic import automatic_reason
from conversations.mail.reading import mail_text
from conversations.models import Channel, Delivery, Identity


class EmailAdapter(Adapter):
    def sender(self, channel: Channel, user_id: str) -> Sender:
        name, address = parseaddr(user_id) if "<" in user_id else ("", user_id)
        return Sender(
            kind=Identity.Kind.EMAIL,
            value=address or user_id,
            display_name=name,
            verified=channel.sender_trust == Channel.SenderTrust.GATEWAY,
        )

    def clean_text(self, inbound: InboundMessage) -> str:
        return mail_text(text=inbound.text, html=inbound.html)

    def automatic_reason(self, inbound: InboundMessage) -> str:
        return automatic_reason(
            headers=inbound.headers,
            subject=inbound.subject,
            sender=inbound.sender.value,
            own_addresses={parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()},
        )

    def send(self, delivery: Delivery) -> None:
        delivery_send(delivery)
