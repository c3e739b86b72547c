"""Second factors of staff: an app that shows codes, recovery codes, who may do without, and who is fully signed in.

A sign-in has two steps. After the password nobody is signed in yet: the session only remembers who is half way
(`sign_in_begin`). It is signed in with the code, and carries the id of the authenticator that opened it; when that is
replaced or reset by an admin, the session is nobody's any more.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_otp.oath import TOTP

from omnicqm.common.errors import InvalidInput, RateLimited
from omnicqm.common.services import audit_record
from omnicqm.console.models import Authenticator, RecoveryCode, SecondFactorExemption

ISSUER = "OmniCQM"
STEP_SECONDS, DIGITS, TOLERANCE = 30, 6, 1  # a code may be one step early or late
KEY_BYTES = 20  # RFC 4226 recommends 160 bits
RECOVERY_CODES = 10
PASSED, NO_FACTOR = "second_factor", 0
_PENDING, _SHOWN = "second_factor_pending", "second_factor_key_shown"
_PENDING_SECONDS = 600
_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"


class WrongCode(InvalidInput):
    code = "wrong_code"


@dataclass(frozen=True)
class Enrolment:
    """What an app needs: the address behind the QR code, the picture as a data URI, and the key to type instead."""

    address: str
    picture: str
    key: str


def is_fully_signed_in(user: Any, session: SessionBase | Mapping[str, Any]) -> bool:
    """Whether `session`, which the password of `user` opened, needs no further factor. One query."""
    wanted = factors_wanted([user.pk]).get(user.pk, NO_FACTOR)
    return session.get(PASSED) == wanted  # what a removed factor opened is over, also where none is wanted


def factors_wanted(user_ids: Collection[int]) -> dict[int, int | None]:
    """By id of user what their sessions carry under `PASSED` when they are whole: the id of the authenticator; None:
    nothing is wanted; `NO_FACTOR`: one has to be set up first. One query, for the watch over many sessions too."""
    columns = "pk", "authenticator__pk", "authenticator__confirmed", "second_factor_exemption__pk"
    rows = User.objects.filter(pk__in=user_ids).values_list(*columns)
    without = None if settings.STAFF_MFA == "optional" else NO_FACTOR
    return {pk: device if confirmed else (None if exempt else without) for pk, device, confirmed, exempt in rows}


def needs_code(user: Any) -> bool:
    """Whether the password of `user` alone opens nothing."""
    return not is_fully_signed_in(user, {})


def is_enrolled(user: Any) -> bool:
    return Authenticator.objects.filter(user=user.pk, confirmed=True).exists()


# --- Half way -------------------------------------------------------------------------------------------------------


def sign_in_begin(session: SessionBase, user: User, *, backend: str, after: str) -> None:
    """Remember that `user` gave the right password, for ten minutes, and where they wanted to go."""
    session.cycle_key()
    mark = user.get_session_auth_hash()
    session[_PENDING] = {"user": user.pk, "backend": backend, "mark": mark, "at": int(time.time()), "after": after}


def sign_in_pending(session: SessionBase) -> tuple[User, dict[str, Any]] | None:
    """Who is half way, and what was remembered; nobody when it is too long ago or their password has changed since."""
    kept = session.get(_PENDING)
    if not kept or time.time() - kept["at"] > _PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(kept["mark"], user.get_session_auth_hash()):
        return None
    return user, kept


def sign_in_passed(session: SessionBase, user: User) -> None:
    """The session was opened with the second factor of `user`."""
    session.pop(_PENDING, None)
    session[PASSED] = Authenticator.objects.get(user=user, confirmed=True).pk


# --- Codes ----------------------------------------------------------------------------------------------------------


def code_use(*, user: User, code: str) -> None:
    """Take a code of the app, or a recovery code, which opens once.

    Raises `WrongCode`, and `RateLimited` for a time after wrong ones: 1 s after the first, then twice as long each
    time. Guesses at the same time wait for each other, so that they cannot go past the limit.
    """
    error = _code_use(user, "".join(code.split()).replace("-", "").lower())
    if error is not None:
        raise error  # outside the transaction, which counts the guess


@transaction.atomic
def _code_use(user: User, code: str) -> Exception | None:
    device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        return WrongCode("There is no second factor to sign in with.", param="code")
    if error := _too_soon(device):
        return error
    if _step_use(device, code) or _recovery_use(user, code):
        device.throttle_reset(commit=False)
        device.used_at = timezone.now()
        device.save()
        return None
    device.throttle_increment()
    audit_record(actor=f"user:{user.pk}", action="user.code_refused", obj=user)
    return WrongCode("This code is wrong, or was used already. Wait for the next one in your app.", param="code")


def _too_soon(device: Authenticator) -> RateLimited | None:
    allowed, why = device.verify_is_allowed()
    if allowed:
        return None
    wait = max(1, round((why["locked_until"] - timezone.now()).total_seconds()))
    return RateLimited(f"Too many wrong codes. Try again in {_seconds(wait)}.")


def _seconds(wait: int) -> str:
    return f"{wait} second{'s' * (wait != 1)}" if wait < 120 else f"{wait // 60} minutes"


def _step_use(device: Authenticator, code: str) -> bool:
    """Whether `code` is the app's of now, and of a later step than the last that was taken."""
    if not (code.isascii() and code.isdecimal() and len(code) == DIGITS):
        return False
    clock = TOTP(device.key, STEP_SECONDS, 0, DIGITS)
    clock.time = time.time()
    if not clock.verify(int(code), TOLERANCE, device.last_step + 1):
        return False
    device.last_step = clock.t()  # of the step that was right, early and late ones included
    return True


def _recovery_use(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    audit_record(actor=f"user:{user.pk}", action="user.recovery_code_used", obj=user, details={"left": left})
    return True


def _digest(user: User, code: str) -> str:
    return hashlib.sha256(f"{user.pk} {code}".encode()).hexdigest()  # 78 bits of chance need no slow hash


# --- Enrolling ------------------------------------------------------------------------------------------------------


@transaction.atomic
def enrolment_begin(*, user: User, session: SessionBase) -> Enrolment:
    """The key for the app of `user`; in this session the same until it has shown a right code, in another one a new
    key: nobody confirms what somebody else has seen. Raises `InvalidInput` when they have a second factor."""
    device, made = Authenticator.objects.select_for_update().get_or_create(
        user=user, defaults={"name": "app", "confirmed": False}
    )
    if device.confirmed:
        raise InvalidInput("You have a second factor already. Remove it first, or ask an admin to reset it.")
    if made or not device.sealed_key or session.get(_SHOWN) != _digest(user, device.sealed_key):
        device.key_set(secrets.token_bytes(KEY_BYTES))
        device.save()
    session[_SHOWN] = _digest(user, device.sealed_key)
    return _enrolment(user, device.key)


def _enrolment(user: User, key: bytes) -> Enrolment:
    text = base64.b32encode(key).decode().rstrip("=")
    label = quote(f"{ISSUER}:{user.get_username()}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': text, 'issuer': ISSUER})}"
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    return Enrolment(address, picture, " ".join(text[i : i + 4] for i in range(0, len(text), 4)))


def enrolment_end(*, user: User, code: str) -> list[str]:
    """The app has shown a right code: it is the second factor from now on. Returns recovery codes, told this once.

    All other sessions of `user` end. Raises `WrongCode`, `RateLimited`.
    """
    error, codes = _enrolment_end(user, "".join(code.split()))
    if error is not None:
        raise error
    return codes


@transaction.atomic
def _enrolment_end(user: User, code: str) -> tuple[Exception | None, list[str]]:
    device = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None:
        return WrongCode("There is nothing to confirm. Begin again.", param="code"), []
    if error := _too_soon(device):
        return error, []
    if not _step_use(device, code):
        device.throttle_increment()
        return WrongCode("This code is not the one of this key. Is the clock of your phone right?", param="code"), []
    device.confirmed, device.used_at = True, timezone.now()
    device.throttle_reset(commit=False)
    device.save()
    audit_record(actor=f"user:{user.pk}", action="user.second_factor_added", obj=user)
    return None, _codes_make(user)


@transaction.atomic
def recovery_codes_renew(*, user: User) -> list[str]:
    """New recovery codes, told this once; the earlier ones open nothing any more."""
    audit_record(actor=f"user:{user.pk}", action="user.recovery_codes_renewed", obj=user)
    return _codes_make(user)


def _codes_make(user: User) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in codes])
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


# --- What admins do -------------------------------------------------------------------------------------------------


@transaction.atomic
def second_factor_remove(*, user: User, actor: str) -> None:
    """No app and no recovery code of `user` opens anything any more; sessions it opened end. Safe to repeat."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    audit_record(actor=actor, action="user.second_factor_removed", obj=user)


@transaction.atomic
def exemption_give(*, user: User, reason: str, actor: str) -> None:
    """Let `user` sign in with a password alone. Raises `InvalidInput` without a reason."""
    if not reason.strip():
        raise InvalidInput("Say why this login needs no second factor.", param="reason")
    kept = {"reason": reason.strip()[:200], "given_by": actor}
    _, made = SecondFactorExemption.objects.get_or_create(user=user, defaults=kept)
    if made:
        audit_record(actor=actor, action="user.second_factor_exempted", obj=user)


@transaction.atomic
def exemption_end(*, user: User, actor: str) -> None:
    """`user` needs a second factor like everybody; a session without one ends. Safe to repeat."""
    if SecondFactorExemption.objects.filter(user=user).delete()[0]:
        audit_record(actor=actor, action="user.second_factor_exemption_ended", obj=user)
