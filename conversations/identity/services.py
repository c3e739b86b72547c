"""From an identity to its customer."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.channels.base import Sender
from conversations.identity.normalise import identity_normalise
from conversations.models import Customer, Identity
from omnicqm.common.errors import Conflict


def identity_resolve(*, sender: Sender, source: str, param: str = "user_id") -> Identity:
    """The identity of `sender`, with its customer; both are made when nobody is known by it.

    To be called inside a transaction, which then holds the identity's lock: two first messages of one sender become
    one customer, and a merge waits until the message is stored. `source` says what told us (a channel id). A sender
    that the channel vouches for becomes verified. Raises `InvalidInput` naming `param` for a malformed value.
    """
    value = identity_normalise(sender.kind, sender.value, param=param)
    identity = _locked(sender.kind, value) or _create(sender, value, source)
    _learn(identity, sender)
    return identity


@transaction.atomic
def identity_attach(
    *, customer: Customer, kind: str, value: str, source: str, verified: bool = False, region: str | None = None
) -> Identity:
    """Make `customer` known by one more identity; one that is theirs already is returned.

    Raises `InvalidInput` for a malformed value and `Conflict` when it belongs to another customer.
    """
    value = identity_normalise(kind, value, param=kind, region=region)
    identity = _locked(kind, value)
    if identity is None:
        try:
            with transaction.atomic():
                fields = {"source": source, "verified_at": timezone.now() if verified else None}
                return Identity.objects.create(customer=customer, kind=kind, value=value, **fields)
        except IntegrityError:
            identity = _locked(kind, value)
    if identity is None or identity.customer_id != customer.pk:
        raise Conflict("This identity belongs to another customer.", param=kind, code="identity_taken")
    if verified:
        identity_verify(identity)
    return identity


def identity_verify(identity: Identity) -> None:
    """Note that the customer has been shown to own it; the first time counts."""
    if identity.verified_at is None:
        identity.verified_at = timezone.now()
        identity.save(update_fields=["verified_at"])


def _locked(kind: str, value: str) -> Identity | None:
    rows = Identity.objects.select_for_update(of=("self",), no_key=True).select_related("customer")
    return rows.filter(kind=kind, value=value).first()


def _create(sender: Sender, value: str, source: str) -> Identity:
    try:
        with transaction.atomic():
            customer = Customer.objects.create(display_name=sender.display_name[:200])
            return Identity.objects.create(customer=customer, kind=sender.kind, value=value, source=source)
    except IntegrityError:  # somebody else met this sender at the same moment
        found = _locked(sender.kind, value)
        if found is None:
            raise
        return found


def _learn(identity: Identity, sender: Sender) -> None:
    if not sender.verified:
        return
    identity_verify(identity)
    if sender.display_name and not identity.customer.display_name:
        identity.customer.display_name = sender.display_name[:200]
        identity.customer.save(update_fields=["display_name", "updated_at"])
