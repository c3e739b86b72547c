"""The "continue in chat" link of a reply by mail.

It was sent to one address about one conversation, so who presents it reads that mailbox. It signs one browser in as
the customer behind that address, once, for as long as address and conversation belong to the same customer. Opening it
changes nothing: mail scanners open links too.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from conversations.models import Conversation, Identity, Message
from conversations.spent_tokens import token_is_spent, token_spend
from omnicqm.common.errors import Conflict, NotFound

MAX_AGE_SECONDS = 7 * 24 * 3600
_SALT = "conversations.chat.continue"
_PURPOSE = "continue"


class LinkNotValid(NotFound):
    code = "link_not_valid"


class LinkUsed(Conflict):
    code = "link_used"


class NoMailAddress(Conflict):
    code = "no_mail_address"


@dataclass(frozen=True)
class ContinueLink:
    """What an unspoilt link opens. `is_spent`: it has signed somebody in before, and signs nobody in any more."""

    conversation: Conversation
    identity: Identity
    is_spent: bool = False


def continue_link_make(conversation: Conversation, *, address: str = "") -> str:
    """An absolute URL that opens `conversation` in the browser chat; good for seven days.

    It must be sent to `address` (as identities hold it) and nowhere else, for it makes its reader the owner of that
    mailbox; without one the address that wrote last is meant. Raises `NoMailAddress` when `address` is not the
    customer's, or nobody has written by mail.
    """
    identity_id = _identity_id(conversation, address) if address else _last_writer_id(conversation)
    if identity_id is None:
        raise NoMailAddress("This conversation has no e-mail address that a link could be sent to.")
    token = signing.dumps([conversation.pk, identity_id, secrets.token_urlsafe(9)], salt=_SALT)
    return settings.OMNICQM_BASE_URL + reverse("chat:continue", args=[token])


def continue_link_open(token: str) -> ContinueLink:
    """What `token` opens. Changes nothing. Raises `LinkNotValid` for a forged, expired or overtaken one."""
    try:
        conversation_id, identity_id, *_ = signing.loads(token, salt=_SALT, max_age=MAX_AGE_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkNotValid(
            "This link has expired. Sign in with your e-mail address to see your conversations."
        ) from error
    except signing.BadSignature as error:
        raise LinkNotValid("This link is not complete. Open it from the e-mail again, or sign in.") from error
    conversation = Conversation.objects.select_related("customer").filter(pk=conversation_id).first()
    identity = Identity.objects.select_related("customer").filter(pk=identity_id, kind=Identity.Kind.EMAIL).first()
    if conversation is None or identity is None or conversation.customer_id != identity.customer_id:
        raise LinkNotValid(
            "This link no longer fits the conversation it was sent for. Sign in with your e-mail address."
        )
    return ContinueLink(conversation, identity, token_is_spent(purpose=_PURPOSE, token=token))


def continue_link_spend(token: str, *, visitor: str) -> None:
    """Use the link up for this visitor's browser, which may send its form twice. Raises `LinkUsed` for any other.

    To be called in the transaction that signs in.
    """
    expires_at = timezone.now() + timedelta(seconds=MAX_AGE_SECONDS)
    if not token_spend(purpose=_PURPOSE, token=token, expires_at=expires_at, bound_to=visitor):
        raise LinkUsed("This link has been used. It works once, in one browser.")


def _identity_id(conversation: Conversation, address: str) -> str | None:
    theirs = Identity.objects.filter(customer=conversation.customer_id, kind=Identity.Kind.EMAIL, value=address)
    return theirs.values_list("pk", flat=True).first()


def _last_writer_id(conversation: Conversation) -> str | None:
    mails = Message.objects.filter(
        conversation=conversation, direction=Message.Direction.INBOUND, sender__kind=Identity.Kind.EMAIL
    )
    return mails.order_by("-seq").values_list("sender_id", flat=True).first()
