"""E-mail, as a gateway (a Power Automate flow, a mail server's hook) posts it to us."""

import re
from email.utils import parseaddr

from django.conf import settings

from conversations.channels.base import Adapter, InboundMessage, Sender
from conversations.channels.outbound import delivery_send
from conversations.mail.authentication import is_authenticated
from conversations.mail.automatic import automatic_reason
from conversations.mail.reading import mail_text
from conversations.models import Channel, Delivery, Identity

_NAMED = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>\s*", re.DOTALL)


class EmailAdapter(Adapter):
    def sender(self, channel: Channel, user_id: str) -> Sender:
        """An address, alone or as ``"Name" <address>``.

        The last one in angle brackets counts: whatever stands before it is a name, whose writer may have put another's
        address there.
        """
        named = _NAMED.fullmatch(user_id)
        return Sender(
            kind=Identity.Kind.EMAIL,
            value=named["address"] if named else user_id,
            display_name=named["name"].strip(" \"'") if named else "",
            verified=channel.sender_trust == Channel.SenderTrust.GATEWAY,
        )

    def sender_verified(self, inbound: InboundMessage) -> bool:
        channel = inbound.channel
        if channel.sender_trust != Channel.SenderTrust.AUTHENTICATION_RESULTS:
            return inbound.sender.verified
        results = inbound.headers.get("authentication-results", "")
        return is_authenticated(results, server=channel.trusted_server, address=inbound.sender.value)

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
