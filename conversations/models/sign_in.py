"""How a browser proves that it reads a mailbox."""

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone

from omnicqm.common.ids import IdField

_SHOWN_SALT = "conversations.sign_in.shown_code"
_FOLDER_BACKEND = "omnicqm.common.mail.FolderBackend"


def codes_are_shown() -> bool:
    """Whether mail stays on this machine, so that staff must be able to read a sign-in code in the admin."""
    return settings.EMAIL_BACKEND == _FOLDER_BACKEND


class SignInCode(models.Model):
    """A code sent to an address that wants to sign in to the chat: six digits, or twelve where strangers guess.

    Rows are deleted after a day. Holds a keyed hash of the code; the code itself, signed, only where mail does not
    leave the machine. `browser` and `network` are keyed hashes of who asked, for the limits.
    """

    MOST_TRIES = 5

    id = IdField("sic")
    email = models.CharField(max_length=320, help_text="normalised")
    code_hash = models.CharField(max_length=64)
    shown_code = models.CharField(max_length=200, blank=True, editable=False)
    browser = models.CharField(max_length=64)
    network = models.CharField(max_length=64)
    is_known = models.BooleanField(default=False, help_text="asked for by a browser that had signed in as it before")
    digits = models.PositiveSmallIntegerField(default=6)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "sign-in code"
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=5), name="sign_in_code_tries_at_most_5"),
        ]
        indexes = [
            models.Index(fields=["email", "created_at"]),
            models.Index(fields=["browser", "created_at"]),
            models.Index(fields=["network", "created_at"]),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def readable_code(self) -> str:
        """The code, for staff of an installation whose mail only goes to the console; empty everywhere else."""
        if not (self.shown_code and codes_are_shown()):
            return ""
        return signing.loads(self.shown_code, salt=_SHOWN_SALT)

    def show(self, code: str) -> None:
        """Keep `code` readable, if this installation shows codes at all."""
        self.shown_code = signing.dumps(code, salt=_SHOWN_SALT) if codes_are_shown() else ""
