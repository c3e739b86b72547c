"""Channels, customers and the identities that tie them together."""

import base64
import secrets

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from agents.types import Autonomy
from omnicqm.common.ids import IdField

channel_id_validator = RegexValidator(
    r"^[a-z][a-z0-9_-]{0,39}$", "Use lower-case letters, digits, '-' and '_', starting with a letter; 40 at most."
)


def new_webhook_secret() -> str:
    """A Standard Webhooks secret: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Channel(models.Model):
    """A connected way in and out. A new row is a new channel; its kind names the adapter that serves it."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        CHAT = "chat", "Browser chat"
        API = "api", "API"

    class SenderTrust(models.TextChoices):
        NONE = "none", "Nobody vouches for senders"
        GATEWAY = "gateway", "The gateway that posts to us vouches"
        AUTHENTICATION_RESULTS = "authentication_results", "A named Authentication-Results server vouches"

    class ReplyBy(models.TextChoices):
        CALLBACK = "callback", "Signed callback; without an address the caller reads the status URL"
        MAIL = "mail", "Callback where there is an address, else e-mail from us"
        LIVE = "live", "The live connection"

    id = models.CharField("channel id", max_length=40, primary_key=True, validators=[channel_id_validator])
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    sender_trust = models.CharField(max_length=30, choices=SenderTrust.choices, default=SenderTrust.NONE)
    trusted_server = models.CharField(max_length=200, blank=True, help_text="authserv-id of the trusted server")
    reply_by = models.CharField(max_length=10, choices=ReplyBy.choices, default=ReplyBy.CALLBACK)
    callback_url = models.URLField(max_length=2000, blank=True, help_text="where replies go without one in the query")
    secret = models.CharField(max_length=100, default=new_webhook_secret, help_text="signs callbacks")
    earlier_secret = models.CharField(max_length=100, blank=True, editable=False, help_text="signs beside it meanwhile")
    earlier_until = models.DateTimeField(null=True, blank=True, editable=False)
    autonomy = models.CharField(max_length=10, choices=[(a, a.value) for a in Autonomy], default=Autonomy.AUTO)
    threshold = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(threshold__lte=100), name="channel_threshold_at_most_100"),
            models.CheckConstraint(
                condition=~Q(sender_trust="authentication_results") | ~Q(trusted_server=""),
                name="channel_trusted_server_named",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_earlier_secret(self) -> bool:
        """Whether the secret before the present one still signs."""
        return bool(self.earlier_secret) and (self.earlier_until is None or self.earlier_until > timezone.now())

    @property
    def secrets(self) -> list[str]:
        """The secrets that sign callbacks now, the present one first."""
        return [self.secret, *([self.earlier_secret] if self.has_earlier_secret else [])]


class PeopleOnly(models.Model):
    """While this row exists the agent sends nothing: on `channel`, or without one on all. It goes on drafting."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="people_only")
    reason = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel"], name="people_only_once", nulls_distinct=False),
        ]
        default_permissions = ("view",)
        permissions = [("switch_people_only", "Can silence the agent and let it speak again")]

    def __str__(self) -> str:
        return str(self.channel or "every channel")


class Customer(models.Model):
    """The canonical person. A merged customer points at the one that took it over."""

    class ServiceLevel(models.TextChoices):
        STANDARD = "standard"
        GOLD = "gold"
        PREMIUM = "premium"

    id = IdField("cus")
    display_name = models.CharField(max_length=200, blank=True)
    service_level = models.CharField(max_length=20, choices=ServiceLevel.choices, default=ServiceLevel.STANDARD)
    language = models.CharField(max_length=10, blank=True)
    profile = models.JSONField(default=dict, blank=True, help_text="fields of the company's own records")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="customer_not_merged_into_itself"
            )
        ]
        indexes = [models.Index(Lower("display_name"), condition=~Q(display_name=""), name="customer_by_name")]

    def __str__(self) -> str:
        return self.display_name or self.id


class Identity(models.Model):
    """One way a customer is known. The same (kind, value) belongs to one customer only."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail address"
        PHONE = "phone", "Phone number"
        VISITOR = "visitor", "Chat visitor"
        ACCOUNT = "account", "Account number"
        EXTERNAL = "external", "Id in another system"

    id = IdField("idn")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.CharField(max_length=320, help_text="normalised")
    verified_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=40, blank=True, help_text="what told us: a channel id, import, sign-in")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "value"]
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identity_once"),
            models.CheckConstraint(condition=~Q(value=""), name="identity_value_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
