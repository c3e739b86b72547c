"""Signed callbacks (Standard Webhooks): the news of a query's end, told to the machine that sent it."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from standardwebhooks import Webhook

from conversations.channels.base import PermanentDeliveryError, TemporaryDeliveryError
from conversations.models import Channel, Delivery
from conversations.selectors import query_document
from omnicqm.common.outgoing import OutgoingAnswer, OutgoingFailed, OutgoingRefused, outgoing_post

TIMEOUT_SECONDS = 20.0
# Refusals that may pass: the other side was slow, not ready or busy.
_PASSING = frozenset({408, 425, 429})


def callback_send(delivery: Delivery) -> None:
    """POST the event to `delivery.target`, which has taken it only when it answers with 2xx.

    The webhook-id is the delivery's id, the same on every try, so that the receiver can drop repetitions. The document
    shows the query as it is now, which may be further on than the event. Raises `PermanentDeliveryError` and
    `TemporaryDeliveryError`; a try whose outcome is unknown is one of the latter, since repeating it does no harm.
    """
    content = json.dumps(_body(delivery), ensure_ascii=False).encode()
    headers = signed_headers(delivery.query.channel, delivery.pk, content.decode())
    try:
        answer = outgoing_post(delivery.target, content=content, headers=headers, timeout=TIMEOUT_SECONDS)
    except OutgoingRefused as error:
        raise PermanentDeliveryError(error.message) from error
    except OutgoingFailed as error:
        raise TemporaryDeliveryError(error.message) from error
    if not answer.is_success:
        raise _refusal(answer)


def _body(delivery: Delivery) -> dict[str, Any]:
    return {
        "type": delivery.event,
        "timestamp": delivery.created_at.isoformat(),
        "data": query_document(delivery.query),
    }


def signed_headers(channel: Channel, webhook_id: str, content: str) -> dict[str, str]:
    """The headers of a callback, signed with every secret of `channel` that is valid now: while one is changed, a
    receiver knows one of the signatures, as Standard Webhooks has it."""
    now = datetime.now(UTC)
    signatures = [Webhook(secret).sign(webhook_id, now, content) for secret in channel.secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _refusal(answer: OutgoingAnswer) -> PermanentDeliveryError | TemporaryDeliveryError:
    text = f"The receiver answered {answer.status}."
    if answer.status >= 500 or answer.status in _PASSING:
        return TemporaryDeliveryError(text, retry_after=_retry_after(answer))
    return PermanentDeliveryError(text)


def _retry_after(answer: OutgoingAnswer) -> float | None:
    """The wait the receiver asks for, in seconds or as a date; nonsense counts as no wish."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
