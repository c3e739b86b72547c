"""The same few people, channels and threads for every test about conversations."""

from typing import Any

from django.utils import timezone

from conversations.models import Channel, Conversation, Customer, Identity, Message, Query
from conversations.services.channels import channels_ensure_defaults
from conversations.services.messages import message_append

EFUA = "efua.owusu@example.com"


def channel_get(channel_id: str, **changes: Any) -> Channel:
    """A default channel, or a new one with the name and `changes` given."""
    channels_ensure_defaults()
    channel, _ = Channel.objects.get_or_create(pk=channel_id, defaults={"kind": Channel.Kind.API, "title": channel_id})
    for name, value in changes.items():
        setattr(channel, name, value)
    channel.save()
    return channel


def customer_make(email: str = EFUA, **fields: Any) -> Customer:
    customer = Customer.objects.create(display_name=fields.pop("display_name", "Efua Owusu"), **fields)
    Identity.objects.create(customer=customer, kind=Identity.Kind.EMAIL, value=email, verified_at=timezone.now())
    return customer


def conversation_make(customer: Customer | None = None, **fields: Any) -> Conversation:
    return Conversation.objects.create(customer=customer or customer_make(), **fields)


def query_make(
    conversation: Conversation, text: str, *, channel: str | Channel = "outlook", verified: bool = True, **fields: Any
) -> Query:
    """A customer's message that waits for an answer; `fields` are the query's own."""
    channel = channel if isinstance(channel, Channel) else channel_get(channel)
    conversation.refresh_from_db()
    message = message_append(
        conversation=conversation,
        direction=Message.Direction.INBOUND,
        author=Message.Author.CUSTOMER,
        channel=channel,
        text=text,
        raw_text=text,
        subject=fields.pop("subject", ""),
        external_id=fields.pop("external_id", ""),
        sender=fields.pop("sender", None) or conversation.customer.identities.first(),
        sender_verified=verified,
    )
    return Query.objects.create(message=message, conversation=conversation, channel=channel, **fields)
