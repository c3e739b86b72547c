"""What the console keeps: what roles were given, second factors of staff, and what prompts have said.

Staff are users of Django. Customers are not: nothing here is about them.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, ThrottlingMixin

from omnicqm.common.sealing import secret_open, secret_seal


class RoleGrant(models.Model):
    """A permission that a release has given to the group of a role, once. An admin may have taken it away since."""

    group = models.ForeignKey("auth.Group", on_delete=models.CASCADE, related_name="+")
    permission = models.ForeignKey("auth.Permission", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "permission"], name="role_grant_once")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.group_id} {self.permission_id}"


class Authenticator(ThrottlingMixin, Device):
    """An app on a phone that shows codes of six digits (TOTP, RFC 6238). One for each of the staff.

    `confirmed` says that it has shown a right code once; until then it opens nothing. `last_step` is the span of 30
    seconds whose code was used last: the same code opens nothing twice.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator")
    sealed_key = models.TextField(editable=False)
    last_step = models.BigIntegerField(default=-1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "second factor"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}"

    @property
    def key(self) -> bytes:
        """The secret it shares with the app. Raises `ConfigurationError` when SECRET_KEY has changed."""
        return bytes.fromhex(secret_open(self.sealed_key))

    def key_set(self, key: bytes) -> None:
        self.sealed_key = secret_seal(key.hex())

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first wrong code; after each further one twice as long."""
        return 1


class RecoveryCode(models.Model):
    """Opens the door once where the app is lost. Kept as a hash only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} {'used' if self.used_at else 'unused'}"


class SecondFactorExemption(models.Model):
    """Who signs in with a password alone although staff need a second factor."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor_exemption", primary_key=True
    )
    reason = models.CharField(max_length=200)
    given_by = models.CharField(max_length=100, help_text="user:3, system:demo")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="second_factor_exemption_reason")]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reason}"


class PromptVersion(models.Model):
    """What the prompts of runs said in a release, so that versions can be laid side by side."""

    digest = models.CharField(max_length=64, primary_key=True)
    version = models.CharField(max_length=100)
    texts = models.JSONField(default=dict, help_text="text by name of the prompt")
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-first_seen_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.version
