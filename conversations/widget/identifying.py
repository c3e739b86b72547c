"""From what the company's server has signed to a customer, and to a browser that acts as them.

The company vouches for what the token says: its own id of the customer, a verified address, an account number. Where
these belong to customers that were known apart, they become one, unless that would join two accounts of the company:
then the company's own id decides, and the other claim is left out.
"""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from conversations.channels.base import Sender
from conversations.chat.session import (
    VISITOR_KEY,
    browser_get,
    browser_sign_in,
    browser_sign_out,
    visitor_ensure,
    visitor_make,
)
from conversations.identity import customer_merge, identity_attach, identity_normalise, identity_resolve, visitor_join
from conversations.models import Customer, Identity, WidgetKey
from conversations.spent_tokens import token_spend
from conversations.widget.claims import Claims, claims_read
from conversations.widget.errors import IdentityRefused
from omnicqm.common.errors import Conflict
from omnicqm.common.services import audit_record

SOURCE = "widget"


@dataclass(frozen=True)
class Identified:
    """`changed`: the browser acts as another customer than before, so what it shows is out of date."""

    identity: Identity
    changed: bool
    left_visitor: str


@transaction.atomic
def browser_identify(*, session: SessionBase, key: WidgetKey, token: str) -> Identified:
    """Let the browser act as the customer that `token` names; what it said as a visitor comes along.

    Somebody else who was signed in here is forgotten first, with everything of theirs. The same token again in the
    same browser changes nothing; in another one it is refused. Raises `IdentityRefused`, and `InvalidInput` naming a
    malformed claim.
    """
    claims = claims_read(token, audience=key.public_key, secrets=key.secrets)
    visitor = visitor_ensure(session)
    before = browser_get(session)
    identity = _customer_identify(key, claims)
    is_other = bool(before and before.identity and before.identity.customer_id != identity.customer_id)
    next_visitor = visitor_make() if is_other else visitor
    _token_use(key, claims, next_visitor)
    if before and before.identity and not is_other:
        return Identified(before.identity, changed=False, left_visitor=visitor)
    if is_other:
        browser_sign_out(session)
        session[VISITOR_KEY] = next_visitor
    said = Identity.objects.filter(kind=Identity.Kind.VISITOR, value=next_visitor).first()
    if said is not None:
        visitor_join(visitor=said, identity=identity, reason="identified")
    browser_sign_in(session, identity)
    details = {"by": "widget", "key": key.pk}
    audit_record(actor=f"customer:{identity.customer_id}", action="customer.signed_in", obj=identity, details=details)
    return Identified(identity, changed=True, left_visitor=visitor)


def _token_use(key: WidgetKey, claims: Claims, visitor: str) -> None:
    token = f"{key.pk}:{claims.token_id}"
    if not token_spend(purpose="identify", token=token, expires_at=claims.expires_at, bound_to=visitor):
        raise IdentityRefused(
            "This token was used in another browser or session. Make a new one, with its own jti, for every page.",
            param="token",
            code="token_replayed",
        )


def _customer_identify(key: WidgetKey, claims: Claims) -> Identity:
    """The identity to act as: the address where there is one, else the account, else the company's own id."""
    own = _own_identity(key, claims)
    joined = {kind: found for kind, value in _vouched(claims) if (found := _bring(key, own, kind, value))}
    own.refresh_from_db()
    best = joined.get(Identity.Kind.EMAIL) or joined.get(Identity.Kind.ACCOUNT) or own
    return Identity.objects.select_related("customer").get(pk=best.pk)


def _own_identity(key: WidgetKey, claims: Claims) -> Identity:
    value = _own_value(key, claims.subject)
    if not Identity.objects.filter(kind=Identity.Kind.EXTERNAL, value=value).exists():
        _attach_to_known(key, claims, value)
    sender = Sender(Identity.Kind.EXTERNAL, value, display_name=claims.name, verified=True)
    return identity_resolve(sender=sender, source=SOURCE, param="sub")


def _attach_to_known(key: WidgetKey, claims: Claims, value: str) -> None:
    """Known by account number or address, and by no other id of this company yet: that is who it is."""
    for kind, text in _vouched(claims):
        known = Identity.objects.select_related("customer").filter(kind=kind, value=text).first()
        if known is None or _own_values(key, known.customer) or _other_account(known.customer, claims.account_number):
            continue
        identity_attach(customer=known.customer, kind=Identity.Kind.EXTERNAL, value=value, source=SOURCE, verified=True)
        return


def _bring(key: WidgetKey, own: Identity, kind: str, value: str) -> Identity | None:
    """`value` as an identity of the customer of `own`; None when it has to stay another's."""
    own.refresh_from_db()
    customer = own.customer
    if kind == Identity.Kind.ACCOUNT and _other_account(customer, value):
        _left_out(own, kind)
        return None
    known = Identity.objects.select_related("customer").filter(kind=kind, value=value).first()
    if known is not None and known.customer_id != customer.pk:
        if _are_two(key, customer, known.customer):
            _left_out(own, kind)
            return None
        _merge(customer, known.customer, own)
        own.refresh_from_db()
    try:
        return identity_attach(customer=own.customer, kind=kind, value=value, source=SOURCE, verified=True)
    except Conflict:  # somebody else was given it a moment ago
        _left_out(own, kind)
        return None


def _merge(customer: Customer, other: Customer, own: Identity) -> None:
    """The record that is older stays."""
    first, second = sorted((customer, other), key=lambda one: one.created_at)
    evidence = {"reason": "identified", "identity": own.pk}
    customer_merge(customer=first, absorbed=second, actor=f"customer:{first.pk}", evidence=evidence)


def _are_two(key: WidgetKey, one: Customer, other: Customer) -> bool:
    """Whether the company itself knows them apart: by its own ids, or by account numbers."""
    return bool(_own_values(key, one) and _own_values(key, other)) or bool(_accounts(one) and _accounts(other))


def _left_out(own: Identity, kind: str) -> None:
    actor, details = f"customer:{own.customer_id}", {"kind": kind, "reason": "belongs_to_another_account"}
    audit_record(actor=actor, action="identity.claim_left_out", obj=own, details=details)


def _vouched(claims: Claims) -> list[tuple[str, str]]:
    """Kinds and normalised values, the stronger first."""
    pairs = [
        (Identity.Kind.ACCOUNT, claims.account_number, "account_number"),
        (Identity.Kind.EMAIL, claims.email, "email"),
    ]
    return [(kind, identity_normalise(kind, value, param=param)) for kind, value, param in pairs if value]


def _own_value(key: WidgetKey, subject: str) -> str:
    """The company's id within this key: customer 17 of the shop need not be member 17 of the forum."""
    return identity_normalise(Identity.Kind.EXTERNAL, f"{key.public_key}:{subject}", param="sub")


def _own_values(key: WidgetKey, customer: Customer) -> bool:
    theirs = customer.identities.filter(kind=Identity.Kind.EXTERNAL, value__startswith=f"{key.public_key}:")
    return theirs.exists()


def _accounts(customer: Customer) -> bool:
    return customer.identities.filter(kind=Identity.Kind.ACCOUNT).exists()


def _other_account(customer: Customer, account_number: str) -> bool:
    """Whether the customer is known by an account, and not by this one."""
    if not account_number:
        return False
    number = identity_normalise(Identity.Kind.ACCOUNT, account_number, param="account_number")
    accounts = customer.identities.filter(kind=Identity.Kind.ACCOUNT).values_list("value", flat=True)
    return bool(accounts) and number not in accounts
