"""Signing in to the chat by a six-digit code sent to a mailbox.

Every well-formed address is sent a code, known to us or not, so the answer tells nobody who our customers are. A code
counts only in the browser that asked for it, for ten minutes, five tries and once.
"""

import secrets
from datetime import timedelta
from smtplib import SMTPException

from django.contrib.sessions.backends.base import SessionBase
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.channels.base import Sender
from conversations.chat.session import browser_sign_in, visitor_ensure
from conversations.identity import identity_normalise, identity_resolve, visitor_claim
from conversations.models import Identity, SignInCode
from omnicqm.common.errors import InvalidInput, RateLimited, ServiceUnavailable
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)

CODE_KEY = "chat_sign_in_code"
LIFE = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
MOST_PER_ADDRESS, MOST_PER_BROWSER, MOST_PER_NETWORK = 5, 8, 30
_KEPT = timedelta(days=1)
_SALT = "conversations.chat.sign_in"


class CodeNotAccepted(InvalidInput):
    """Wrong, expired, used, or tried too often: which of them is not told."""

    code = "code_not_accepted"


def sign_in_code_send(*, session: SessionBase, email: str, network: str) -> SignInCode:
    """Send a code to `email` and remember in `session` that this browser waits for it.

    `network` is the address the request came from. Raises `InvalidInput` (param email), `RateLimited`, or
    `ServiceUnavailable` when the mail could not be handed over.
    """
    address = identity_normalise(Identity.Kind.EMAIL, email, param="email")
    code = f"{secrets.randbelow(10**6):06d}"
    row = _code_store(address, code, browser=_hash(visitor_ensure(session)), network=_hash(network))
    _code_mail(address, code)
    session[CODE_KEY] = row.pk
    return row


def sign_in_code_use(*, session: SessionBase, code: str) -> Identity:
    """Sign the browser in with the code it was sent; what it said as a visitor comes along.

    Raises `CodeNotAccepted`; after five of them only a new code helps.
    """
    row = SignInCode.objects.filter(pk=session.get(CODE_KEY, "")).first()
    if row is None or not _try_counted(row) or not constant_time_compare(row.code_hash, _code_hash(row, code)):
        raise CodeNotAccepted(
            "This code does not fit or is no longer good. Check it, or ask for a new one.", param="code"
        )
    with transaction.atomic():
        if not SignInCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()):
            raise CodeNotAccepted("This code has been used. Ask for a new one.", param="code")
        identity = mailbox_owner_sign_in(session=session, email=row.email, by="code")
    del session[CODE_KEY]
    return identity


def sign_in_email(session: SessionBase) -> str:
    """The address this browser waits for a code at; empty when it has not asked for one."""
    row = SignInCode.objects.filter(pk=session.get(CODE_KEY, "")).first()
    return row.email if row else ""


def mailbox_owner_sign_in(*, session: SessionBase, email: str, by: str) -> Identity:
    """Sign the browser in as the reader of `email`, who has just proved to be that.

    The address becomes verified, and the conversations this browser had as a visitor become that customer's. `by` says
    how it was proved (code, link), for the audit trail.
    """
    sender = Sender(kind=Identity.Kind.EMAIL, value=email, verified=True)
    with transaction.atomic():
        visitor = Identity.objects.filter(kind=Identity.Kind.VISITOR, value=visitor_ensure(session)).first()
        if visitor is not None:
            visitor_claim(visitor=visitor, email=email)
        identity = identity_resolve(sender=sender, source="sign-in", param="email")
        actor = f"customer:{identity.customer_id}"
        audit_record(actor=actor, action="customer.signed_in", obj=identity, details={"by": by})
        browser_sign_in(session, identity)
    return identity


def _code_store(address: str, code: str, *, browser: str, network: str) -> SignInCode:
    now = timezone.now()
    with transaction.atomic():
        _address_lock(address)
        _limits_check(address, browser, network)
        SignInCode.objects.filter(created_at__lt=now - _KEPT).delete()
        row = SignInCode(email=address, browser=browser, network=network, created_at=now, expires_at=now + LIFE)
        row.code_hash = _code_hash(row, code)
        row.show(code)
        row.save()
    return row


def _address_lock(address: str) -> None:
    """Requests for one address wait for each other, so that the limit holds for requests at the same moment too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sign-in:{address}"])


def _limits_check(address: str, browser: str, network: str) -> None:
    recent = SignInCode.objects.filter(created_at__gt=timezone.now() - WINDOW)
    if (
        recent.filter(email=address).count() >= MOST_PER_ADDRESS
        or recent.filter(browser=browser).count() >= MOST_PER_BROWSER
        or recent.filter(network=network).count() >= MOST_PER_NETWORK
    ):
        raise RateLimited("Too many codes were asked for. Use the last one you got, or try again in 15 minutes.")


def _code_mail(address: str, code: str) -> None:
    text = (
        f"Your sign-in code is {code}.\n\n"
        "Type it into the page that asked for it. It works for ten minutes, once.\n"
        "If you did not ask for it, ignore this mail: nobody can sign in without it.\n"
    )
    try:
        send_mail(f"{code} is your sign-in code", text, None, [address])
    except (OSError, SMTPException) as error:
        log.warning("sign_in_mail_not_sent", error=type(error).__name__)
        raise ServiceUnavailable("The mail with your code could not be sent. Try again in a few minutes.") from error


def _try_counted(row: SignInCode) -> bool:
    """Count a try before looking at the code, so that guesses at the same moment cannot exceed the limit."""
    good = SignInCode.objects.filter(
        pk=row.pk, used_at=None, expires_at__gt=timezone.now(), tries__lt=SignInCode.MOST_TRIES
    )
    return good.update(tries=F("tries") + 1) == 1


def _code_hash(row: SignInCode, code: str) -> str:
    digits = "".join(character for character in code if character.isdigit())[:6]
    return _hash(f"{row.pk}:{digits}")


def _hash(value: str) -> str:
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
