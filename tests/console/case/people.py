"""Cases as the page shows them, and the buttons pressed."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from conversations.escalations.services import held_reply_send
from conversations.models import Escalation, HeldReply, Message
from conversations.services.messages import message_append


def address(escalation: Escalation) -> str:
    return reverse("admin:conversations_escalation_change", args=[escalation.pk])


def part_address(escalation: Escalation, part: str) -> str:
    return reverse("admin:conversations_escalation_part", args=[escalation.pk, part])


def shown(response: Any) -> str:
    """The page in one line."""
    return " ".join(response.content.decode().split())


def page(client: Any, escalation: Escalation, query: str = "") -> str:
    response = client.get(f"{address(escalation)}{query}")
    assert response.status_code == 200
    return shown(response)


def press(client: Any, escalation: Escalation, do: str, *, part: str = "", **fields: Any) -> Any:
    """Press a button; with `part` as the page's script does it."""
    newest = Message.objects.filter(conversation=escalation.conversation_id).order_by("-seq").first()
    data = {"do": do, "known_seq": newest.seq if newest else 0, **fields}
    headers = {"X-Part": part} if part else {}
    return client.post(address(escalation), data, headers=headers, follow=not part)


def send_due(escalation: Escalation) -> Message | None:
    """What the worker does when the seconds to take a reply back have passed."""
    held = HeldReply.objects.get(escalation=escalation)
    HeldReply.objects.filter(pk=held.pk).update(send_at=timezone.now())
    return held_reply_send(held_id=held.pk)


def thread_fill(escalation: Escalation, count: int) -> None:
    """`count` more messages, ours and the customer's in turn."""
    channel = escalation.query.channel
    for number in range(count):
        inbound = number % 2 == 0
        message_append(
            conversation=escalation.conversation,
            direction="inbound" if inbound else "outbound",
            author="customer" if inbound else "assistant",
            channel=channel,
            text=f"Line {number:04}",
        )
