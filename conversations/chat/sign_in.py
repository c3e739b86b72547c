"""Signing in to the chat by a code sent to a mailbox.

Every well-formed address is sent a code, known to us or not, so the answer tells nobody who our customers are. A code
counts only in the browser that asked for it, for ten minutes, five tries and once.

No limit here locks a customer out. Strangers share what an address may be sent; a browser that has signed in as it
before has an allowance of its own. Where strangers keep guessing, they are not stopped, which would stop the owner
too: codes become too long to be guessed.
"""

import secrets
from datetime import timedelta
from smtplib import SMTPException

from django.contrib.sessions.backends.base import SessionBase
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.channels.base import Sender
from conversations.chat.session import CODE_KEY, browser_leave_other, browser_sign_in, visitor_ensure
from conversations.identity import identity_normalise, identity_resolve, visitor_claim
from conversations.models import Identity, SignInCode
from omnicqm.common.errors import InvalidInput, RateLimited, ServiceUnavailable
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)

LIFE = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
PAUSE = timedelta(seconds=30)  # before the same browser has another code sent to the same address
MOST_PER_ADDRESS, MOST_PER_BROWSER, MOST_PER_NETWORK = 5, 8, 30
MOST_PER_ADDRESS_AND_DAY = 20
SHORT, LONG = 6, 12  # digits
GUESSES = 20  # of strangers in a day at one address; after them codes are long
_KEPT = timedelta(days=1)
_SALT = "conversations.chat.sign_in"


class CodeNotAccepted(InvalidInput):
    """Wrong, expired, used, or tried too often: which of them is not told."""

    code = "code_not_accepted"


def sign_in_code_send(*, session: SessionBase, email: str, network: str, is_known: bool = False) -> SignInCode:
    """Send a code to `email` and remember in `session` that this browser waits for it.

    `network` is where the request came from, `is_known` that this browser has signed in as `email` before. Raises
    `InvalidInput` (param email), `RateLimited`, or `ServiceUnavailable` when the mail could not be handed over.
    """
    address = identity_normalise(Identity.Kind.EMAIL, email, param="email")
    row = SignInCode(email=address, network=_hash(network), is_known=is_known)
    row.browser = _hash(visitor_ensure(session))
    code = _code_store(row)
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
        return mailbox_owner_sign_in(session=session, email=row.email, by="code")


def sign_in_awaited(session: SessionBase) -> SignInCode | None:
    """The code this browser waits for; None when it has not asked for one."""
    return SignInCode.objects.filter(pk=session.get(CODE_KEY, "")).first()


def mailbox_owner_sign_in(*, session: SessionBase, email: str, by: str) -> Identity:
    """Sign the browser in as the reader of `email`, who has just proved to be that.

    The address becomes verified, and the conversations this browser had as a visitor become that customer's. Somebody
    else who was signed in here is forgotten first. `by` says how it was proved (code, link), for the audit trail.
    """
    sender = Sender(kind=Identity.Kind.EMAIL, value=email, verified=True)
    with transaction.atomic():
        browser_leave_other(session, identity_resolve(sender=sender, source="sign-in", param="email").customer)
        visitor = Identity.objects.filter(kind=Identity.Kind.VISITOR, value=visitor_ensure(session)).first()
        if visitor is not None:
            visitor_claim(visitor=visitor, email=email)
        identity = identity_resolve(sender=sender, source="sign-in", param="email")
        actor = f"customer:{identity.customer_id}"
        audit_record(actor=actor, action="customer.signed_in", obj=identity, details={"by": by})
        browser_sign_in(session, identity)
    return identity


def _code_store(row: SignInCode) -> str:
    """Complete and store `row`; returns its code."""
    now = timezone.now()
    with transaction.atomic():
        _address_lock(row.email)
        _limits_check(row)
        SignInCode.objects.filter(created_at__lt=now - _KEPT).delete()
        row.created_at, row.expires_at = now, now + LIFE
        row.digits = SHORT if row.is_known or _guesses(row.email) < GUESSES else LONG
        code = f"{secrets.randbelow(10**row.digits):0{row.digits}d}"
        row.code_hash = _code_hash(row, code)
        row.show(code)
        row.save()
    return code


def _guesses(address: str) -> int:
    """How often strangers have tried codes at `address` in the last day, without luck."""
    lately = SignInCode.objects.filter(email=address, is_known=False, used_at=None)
    return lately.filter(created_at__gt=timezone.now() - _KEPT).aggregate(all=Sum("tries"))["all"] or 0


def _address_lock(address: str) -> None:
    """Requests for one address wait for each other, so that the limit holds for requests at the same moment too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sign-in:{address}"])


def _limits_check(row: SignInCode) -> None:
    now = timezone.now()
    day = SignInCode.objects.filter(created_at__gt=now - _KEPT)
    recent = day.filter(created_at__gt=now - WINDOW)
    if recent.filter(email=row.email, browser=row.browser, created_at__gt=now - PAUSE).exists():
        raise RateLimited("A code was sent a moment ago. Wait half a minute before you ask for another one.")
    share = {"email": row.email, "is_known": row.is_known}  # strangers share one, the owner's browsers another
    if (
        recent.filter(**share).count() >= MOST_PER_ADDRESS
        or day.filter(**share).count() >= MOST_PER_ADDRESS_AND_DAY
        or recent.filter(browser=row.browser).count() >= MOST_PER_BROWSER
        or (not row.is_known and recent.filter(network=row.network).count() >= MOST_PER_NETWORK)
    ):
        raise RateLimited(
            "Too many codes were asked for. Use the last one you got, the link in one of our mails, or a browser in "
            "which you have signed in before; or try again in 15 minutes."
        )


def _code_mail(address: str, code: str) -> None:
    text = (
        f"Your sign-in code is {code}.\n\n"
        "Type it into the page that asked for it. It works for ten minutes, once.\n"
        "If you did not ask for it, ignore this mail: nobody can sign in without it. Give it to nobody: we never ask "
        "for it on the phone or by mail.\n"
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
    digits = "".join(character for character in code if character.isdigit())[:LONG]
    return _hash(f"{row.pk}:{digits}")


def _hash(value: str) -> str:
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()
