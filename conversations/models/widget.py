"""What the chat widget on the company's own pages is known and kept by."""

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.people import Channel
from conversations.widget.origins import origin_problem
from omnicqm.common.ids import IdField
from omnicqm.common.sealing import secret_open, secret_seal

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
MOST_ORIGINS = 50


def new_public_key() -> str:
    """``pk_`` and 24 characters that nobody mistakes for each other. It is no secret: it stands in the page."""
    return "pk_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


class WidgetKey(models.Model):
    """One place where the widget may stand: its origins, how it looks, the channel it speaks for, who signs for it."""

    class Position(models.TextChoices):
        END = "end", "Bottom, at the end of the line (right; left in right-to-left pages)"
        START = "start", "Bottom, at the start of the line"

    class Language(models.TextChoices):
        EN = "en", "English"
        DE = "de", "German"
        ES = "es", "Spanish"
        FR = "fr", "French"

    id = IdField("wgt")
    public_key = models.CharField(max_length=40, unique=True, default=new_public_key, editable=False)
    name = models.CharField(max_length=80, help_text="for yourselves, e.g. Shop, production")
    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="widget_keys",
        limit_choices_to={"kind": Channel.Kind.CHAT},
        help_text="what is written in this widget comes in on this channel",
    )
    enabled = models.BooleanField(default=True, help_text="off: pages with this key show no launcher")
    allowed_origins = models.TextField(
        max_length=4000,
        help_text="pages that may show the widget, one origin a line: https://www.example.com. "
        "No paths and no wildcards; http only for localhost",
    )
    title = models.CharField(max_length=60, default="Customer support", help_text="above the chat")
    greeting = models.CharField(max_length=160, blank=True, help_text="below the title, e.g. We answer in seconds")
    colour = models.CharField(
        max_length=7,
        default="#1f5c4a",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a colour as #rrggbb, e.g. #1f5c4a.")],
        help_text="of the launcher, as #rrggbb",
    )
    position = models.CharField(max_length=5, choices=Position.choices, default=Position.END)
    language = models.CharField(
        max_length=2, choices=Language.choices, default=Language.EN, help_text="of the launcher's own few words"
    )
    frames_per_minute = models.PositiveIntegerField(
        default=1200, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)], help_text="pages that open it"
    )
    messages_per_minute = models.PositiveIntegerField(
        default=300, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)], help_text="by all visitors"
    )
    sealed_secret = models.TextField(blank=True, editable=False)
    sealed_earlier_secret = models.TextField(blank=True, editable=False)
    earlier_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "widget key"
        constraints = [models.CheckConstraint(condition=~Q(public_key=""), name="widget_key_public_key_not_empty")]

    def __str__(self) -> str:
        return self.name

    @property
    def origins(self) -> list[str]:
        return self.allowed_origins.split()

    @property
    def has_earlier_secret(self) -> bool:
        """Whether the secret before the present one still signs."""
        return bool(self.sealed_earlier_secret) and (self.earlier_until is None or self.earlier_until > timezone.now())

    @property
    def secrets(self) -> list[str]:
        """The secrets that sign for a customer now, the present one first.

        Raises `ConfigurationError` when SECRET_KEY has changed since they were stored.
        """
        sealed = [self.sealed_secret, self.sealed_earlier_secret if self.has_earlier_secret else ""]
        return [secret_open(token) for token in sealed if token]

    def secret_set(self, text: str, *, overlap_until: datetime | None = None, overlap: bool = False) -> None:
        """Sign with `text` from now on. With `overlap` the present secret works on, until `overlap_until` if given."""
        self.sealed_earlier_secret = self.sealed_secret if overlap else ""
        self.earlier_until = overlap_until if overlap else None
        self.sealed_secret = secret_seal(text)

    def clean(self) -> None:
        """Raises `ValidationError` by field: what is wrong and what to do."""
        origins = self.allowed_origins.split()
        problems = [problem for origin in origins if (problem := origin_problem(origin))]
        if not origins:
            problems.append("Name at least one origin, e.g. https://www.example.com.")
        if len(origins) > MOST_ORIGINS:
            problems.append(f"Name {MOST_ORIGINS} origins at most; make another key for the others.")
        if problems:
            raise ValidationError({"allowed_origins": problems})
        self.allowed_origins = "\n".join(dict.fromkeys(origin.lower() for origin in origins))


class SpentToken(models.Model):
    """A signed token that has done its work. `digest` is its keyed hash; `bound_to` the hash of who may repeat it."""

    digest = models.CharField(max_length=64, primary_key=True)
    bound_to = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
