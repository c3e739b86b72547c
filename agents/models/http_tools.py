"""HTTP tools: what an admin lets the agent ask of the company's own systems."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from agents.http_tools.checking import problems_find
from omnicqm.common.ids import IdField
from omnicqm.common.sealing import secret_open, secret_seal


def _no_arguments() -> dict[str, object]:
    return {"type": "object", "properties": {}, "required": []}


class HttpTool(models.Model):
    """A request the agent may send, as an admin wrote it down. `clean` refuses one that could not work or go astray."""

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    class Auth(models.TextChoices):
        NONE = "none", "None"
        BEARER = "bearer", "Bearer token"
        HEADER = "header", "A header of its own"
        BASIC = "basic", "User name and password"

    class Effect(models.TextChoices):
        READS = "reads", "Only reads"
        WRITES = "writes", "Changes something"

    id = IdField("htl")
    name = models.CharField(max_length=40, unique=True, help_text="what the agent calls it, e.g. order_status")
    title = models.CharField(
        max_length=80, help_text="what customers see as the source of an answer, e.g. Order status"
    )
    description = models.TextField(
        max_length=1000,
        help_text="tells the agent what it gets and when to ask for it; the better, the more it is used",
    )
    enabled = models.BooleanField(default=False, help_text="try it first, then let the agent use it")
    scopes = models.JSONField(
        default=list, blank=True, help_text="where it is offered, e.g. channel:chat; none: everywhere"
    )
    arguments = models.JSONField(
        default=_no_arguments, help_text="JSON schema of what the agent fills in: an object with its properties"
    )
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.GET)
    url = models.CharField(
        "address",
        max_length=1500,
        help_text="with variables in path and query: https://shop.example/orders/{{order}}?email={{server.email}}",
    )
    body = models.JSONField(null=True, blank=True, help_text='JSON to send: {"order": "{{order}}"}')
    allowed_hosts = models.CharField(
        max_length=500, help_text="hosts the address may name, separated by blanks; with :port when it is not 443"
    )
    auth = models.CharField("sign-in", max_length=10, choices=Auth.choices, default=Auth.NONE)
    auth_name = models.CharField(
        "header or user", max_length=100, blank=True, help_text="the header's name, or the user name"
    )
    sealed_secret = models.TextField(blank=True, editable=False)
    effect = models.CharField(max_length=10, choices=Effect.choices, default=Effect.READS)
    needs_verified = models.BooleanField(
        "verified customers only", default=True, help_text="needed for {{server.…}}; off only for what anybody may know"
    )
    pick = models.TextField(
        blank=True,
        max_length=2000,
        help_text="JSON pointers of what the agent gets, one a line: /status; none: everything",
    )
    max_bytes = models.PositiveIntegerField(
        default=16_384, validators=[MinValueValidator(100), MaxValueValidator(65_536)], help_text="of the answer"
    )
    timeout = models.FloatField(
        default=4.0, validators=[MinValueValidator(0.5), MaxValueValidator(10)], help_text="seconds to wait"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "HTTP tool"

    def __str__(self) -> str:
        return self.name

    @property
    def hosts(self) -> list[str]:
        return self.allowed_hosts.lower().split()

    @property
    def pointers(self) -> list[str]:
        return [line.strip() for line in self.pick.splitlines() if line.strip()]

    @property
    def secret(self) -> str:
        """Raises `ConfigurationError` when SECRET_KEY has changed since it was stored."""
        return secret_open(self.sealed_secret)

    def secret_set(self, text: str) -> None:
        self.sealed_secret = secret_seal(text)

    def clean(self) -> None:
        """Raises `ValidationError` by field: what is wrong and what to do."""
        problems: dict[str, list[str]] = {}
        for problem in problems_find(self):
            problems.setdefault(problem.field, []).append(problem.message)
        if problems:
            raise ValidationError(problems)


class HttpToolEffect(models.Model):
    """One call of a tool that writes, stored before it is sent: whoever repeats it gets what the first one got.

    A row that stays `sent` means that nobody knows whether it happened; it is never sent again.
    """

    class State(models.TextChoices):
        SENT = "sent", "Outcome unknown"
        DONE = "done", "Done"

    key = models.CharField(max_length=64, primary_key=True, help_text="the idempotency key")
    tool = models.ForeignKey(HttpTool, on_delete=models.CASCADE, related_name="effects")
    run_id = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "write by HTTP tool"
        verbose_name_plural = "writes by HTTP tools"

    def __str__(self) -> str:
        return self.key
