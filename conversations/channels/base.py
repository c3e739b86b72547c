"""What every channel looks like from inside: one inbound value, one adapter interface.

A new kind of channel is an adapter named in ``settings.CHANNEL_ADAPTERS``; a new channel of a known kind is a row.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conversations.models import Channel, Delivery


@dataclass(frozen=True)
class InboundAttachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Sender:
    """Who a channel says wrote: an identity as it came in, and whether the channel vouches for it."""

    kind: str
    value: str
    display_name: str = ""
    verified: bool = False


@dataclass(frozen=True)
class InboundMessage:
    """One message as a door hands it over, whatever the channel. Text is as it came in; nothing is cleaned yet.

    `conversation_id` asks for a thread; it is granted only to a participant. `client` is the API client that sent it,
    `client_id` the chat page's own id. `transcription_ids` are what the text was spoken as, heard for `client` or for
    the browser `visitor`. `continues_latest` joins the customer's latest open conversation when nothing
    else names one. `headers` are mail headers where the channel has them (lower-case names), used against loops and
    auto-replies.
    """

    channel: Channel
    sender: Sender
    text: str
    html: str = ""
    subject: str = ""
    external_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    conversation_id: str = ""
    callback_url: str = ""
    client: str = ""
    client_id: str = ""
    visitor: str = ""
    transcription_ids: tuple[str, ...] = ()
    continues_latest: bool = False
    received_at: datetime | None = None
    attachments: tuple[InboundAttachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


class PermanentDeliveryError(Exception):
    """The other side will never take this one; trying again is of no use."""


class TemporaryDeliveryError(Exception):
    """Not now. `retry_after` is in seconds when the other side said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnknownOutcomeError(Exception):
    """It may or may not have arrived, and sending again could reach the customer twice: a person looks."""


class Adapter(ABC):
    """The code for a kind of channel."""

    @abstractmethod
    def sender(self, channel: Channel, user_id: str) -> Sender:
        """The identity behind the `user_id` a caller of the API gave.

        Raises `omnicqm.common.errors.InvalidInput` with `param="user_id"` when it has not the form this kind needs.
        """

    def sender_verified(self, inbound: InboundMessage) -> bool:
        """Whether the channel vouches for the sender of this one. The door's word, unless the adapter knows better."""
        return inbound.sender.verified

    @abstractmethod
    def clean_text(self, inbound: InboundMessage) -> str:
        """What the customer wrote, without quoted thread, signature and markup. May be empty."""

    def automatic_reason(self, inbound: InboundMessage) -> str:
        """Why this message was written by a machine and must not be answered; empty when a person wrote it."""
        return ""

    @abstractmethod
    def send(self, delivery: Delivery) -> None:
        """Carry `delivery.message` to the customer; returns when the other side has taken it.

        Raises `PermanentDeliveryError`, `TemporaryDeliveryError` or `UnknownOutcomeError`.
        """
