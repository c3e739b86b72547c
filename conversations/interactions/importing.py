"""Interactions that other systems tell of: stored once, with the customer of their account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from conversations.identity.normalise import account_normalise
from conversations.models import Customer, Identity, Interaction
from omnicqm.common.services import audit_record

MAX_CHANNEL_CHARS, MAX_INTENT_CHARS, MAX_EXTERNAL_ID_CHARS = 80, 200, 200
MAX_DETAIL_CHARS = 20_000


@dataclass(frozen=True)
class ToldInteraction:
    """An interaction as another system tells it, cleaned and within the limits above."""

    account_number: str
    channel: str
    occurred_at: datetime
    intent: str
    detail: str
    external_id: str


@dataclass(frozen=True)
class Imported:
    """How many were stored, and how many were known already or stood twice in what was told."""

    accepted: int
    duplicates: int


@transaction.atomic
def interactions_import(*, told: Sequence[ToldInteraction], source: str, actor: str) -> Imported:
    """Store what is not known yet by (channel, external id); an unknown account makes a customer.

    What is known stays as it was first told. Takes a handful of queries, however many are told; safe when the same
    come twice at once. Raises `InvalidInput` for a malformed account number, storing nothing.
    """
    identities = _identities({account_normalise(one.account_number, param="account_number") for one in told}, source)
    rows = [
        Interaction(
            customer_id=identities[account_normalise(one.account_number)].customer_id,
            identity=identities[account_normalise(one.account_number)],
            source=source,
            channel=one.channel,
            occurred_at=one.occurred_at,
            intent=one.intent,
            detail=one.detail,
            external_id=one.external_id,
        )
        for one in sorted(told, key=lambda one: (one.channel, one.external_id))  # one order: nobody waits in a circle
    ]
    Interaction.objects.bulk_create(rows, ignore_conflicts=True)
    stored = Interaction.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    accepted = stored.count()
    if accepted:
        details = {"accepted": accepted, "duplicates": len(rows) - accepted, "source": source}
        audit_record(actor=actor, action="interactions.imported", obj=stored[0], details=details)
    return Imported(accepted, len(rows) - accepted)


def _identities(accounts: Iterable[str], source: str) -> dict[str, Identity]:
    """The identity of every account, locked so that a merge waits until its interactions are stored."""
    wanted = sorted(accounts)
    found = _locked(wanted)
    if missing := [account for account in wanted if account not in found]:
        _make(missing, source)
        found = _locked(wanted)
    return found


def _locked(accounts: Sequence[str]) -> dict[str, Identity]:
    rows = Identity.objects.select_for_update(of=("self",), no_key=True).order_by("value")
    return {row.value: row for row in rows.filter(kind=Identity.Kind.ACCOUNT, value__in=accounts)}


def _make(accounts: Sequence[str], source: str) -> None:
    """Customers known by nothing but their account. Who of two makes one at the same moment does not matter."""
    customers = Customer.objects.bulk_create([Customer() for _ in accounts])
    Identity.objects.bulk_create(
        [
            Identity(customer=customer, kind=Identity.Kind.ACCOUNT, value=account, source=source)
            for customer, account in zip(customers, accounts, strict=True)
        ],
        ignore_conflicts=True,
    )
    Customer.objects.filter(pk__in=[customer.pk for customer in customers], identities=None).delete()
