"""Conversations, the messages said in them, and what was attached."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField

# Without letters and digits that people confuse on the phone (0/O, 1/I/L, 5/S, 2/Z, 8/B, U/V).
_REFERENCE_ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"


def new_reference() -> str:
    """A reference number a customer can read out, e.g. ``CQ-7KF3-QM9P``."""
    letters = "".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(8))
    return f"CQ-{letters[:4]}-{letters[4:]}"


class Conversation(models.Model):
    """A cross-channel thread with one customer about one matter; the "case"."""

    class Status(models.TextChoices):
        OPEN = "open"
        WITH_CONSULTANT = "with_consultant", "With a consultant"
        RESOLVED = "resolved"

    id = IdField("cnv")
    reference = models.CharField(max_length=20, unique=True, default=new_reference, editable=False)
    customer = models.ForeignKey("conversations.Customer", on_delete=models.PROTECT, related_name="conversations")
    subject = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    category = models.CharField(max_length=40, blank=True)
    last_seq = models.PositiveIntegerField(default=0, help_text="sequence number of the newest message")
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["customer", "-updated_at"])]

    def __str__(self) -> str:
        return self.reference


class Message(models.Model):
    """One thing said in a conversation. `seq` counts 1, 2, 3 … within it, without gaps."""

    class Direction(models.TextChoices):
        INBOUND = "inbound"
        OUTBOUND = "outbound"
        NOTE = "note", "internal note"

    class Author(models.TextChoices):
        CUSTOMER = "customer"
        ASSISTANT = "assistant"
        CONSULTANT = "consultant"
        SYSTEM = "system"

    id = IdField("msg")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    direction = models.CharField(max_length=10, choices=Direction.choices)
    author = models.CharField(max_length=10, choices=Author.choices)
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.ForeignKey("conversations.Channel", on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(
        "conversations.Identity", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sender_verified = models.BooleanField(default=False, help_text="the channel vouched for the sender of this one")
    spoken = models.BooleanField(default=False, help_text="said, not typed: what was heard is its transcription")
    subject = models.CharField(max_length=300, blank=True)
    raw_text = models.TextField(blank=True, help_text="as it came in, before cleaning")
    raw_html = models.TextField(blank=True)
    text = models.TextField(help_text="clean text: what people and the agent read")
    html = models.TextField(blank=True, help_text="safe HTML")
    external_id = models.CharField(max_length=998, blank=True, help_text="the channel's id, e.g. an e-mail Message-ID")
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.JSONField(default=list, blank=True)
    client_id = models.CharField(max_length=64, blank=True, help_text="the chat page's own id of a sent message")
    run = models.ForeignKey("agents.Run", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sources = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(default=timezone.now, help_text="when the channel got it")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["conversation", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(direction="inbound") & ~Q(external_id=""),
                name="message_external_id_once_per_channel",
            ),
            models.UniqueConstraint(
                fields=["conversation", "client_id"], condition=~Q(client_id=""), name="message_client_id_once"
            ),
            models.UniqueConstraint(
                fields=["run"], condition=Q(author="assistant", run__isnull=False), name="message_one_reply_per_run"
            ),
            models.CheckConstraint(
                condition=Q(direction="inbound", author="customer") | ~Q(direction="inbound") & ~Q(author="customer"),
                name="message_customer_is_inbound",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1), name="message_seq_from_one"),
        ]
        indexes = [models.Index(fields=["external_id"], condition=~Q(external_id=""), name="message_by_external_id")]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.seq}"

    @property
    def request_id(self) -> str:
        """Of the query that this is the reply to, the last one when it answers several; empty when it is none."""
        if self.direction == self.Direction.INBOUND:  # answers nothing: nobody is asked
            return ""
        return max((query.pk for query in self.answers.all()), default="")


class Attachment(models.Model):
    """A file that came with a message."""

    id = IdField("atc")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="attachments/%Y/%m/%d", max_length=300)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gte=1), name="attachment_not_empty")]

    def __str__(self) -> str:
        return self.name
