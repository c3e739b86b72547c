"""Customers who may be one person. Only said, with what speaks for it: whether they are merged is for people."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, prefetch_related_objects
from django.db.models.functions import Lower

from conversations.identity.normalise import identity_normalise
from conversations.models import Customer, Identity
from omnicqm.common.errors import InvalidInput

MOST = 5
MOST_NAMESAKES = 50
MOST_FIELDS = 100
# Where strangers share a domain.
PUBLIC_DOMAINS = frozenset(
    {
        *("aol.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com", "icloud.com"),
        *("live.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "proton.me", "protonmail.com"),
        *("qq.com", "t-online.de", "web.de", "yahoo.com", "yandex.ru", "ymail.com"),
    }
)
_ACCOUNT_FIELD = re.compile(r"(?:account|customer|card|policy|contract|member)[ _.-]?(?:number|no|id)", re.IGNORECASE)
_WORDS = {
    Identity.Kind.EMAIL: "e-mail address",
    Identity.Kind.PHONE: "phone number",
    Identity.Kind.ACCOUNT: "account number",
}

Known = tuple[str, str]  # kind and normalised value of an identity


@dataclass(frozen=True)
class MergeSuggestion:
    """`evidence` are sentences that are true of the two records, the strongest first."""

    customer: Customer
    evidence: tuple[str, ...]


def merge_suggestions(customer: Customer) -> list[MergeSuggestion]:
    """Other customers that `customer` may be, those with the most evidence first; five at most.

    Evidence is a phone number, e-mail address or account number in the one's record that the other is known by, or the
    same full name together with mail from the same domain, unless it is one that strangers share. A name alone is none.
    """
    found: dict[str, list[str]] = defaultdict(list)
    prefetch_related_objects([customer], "identities")
    _by_own_record(customer, found)
    for namesake in _namesakes(customer):
        _by_their_record(customer, namesake, found)
        _by_domain(customer, namesake, found)
    others = Customer.objects.filter(pk__in=found, merged_into=None, erasure=None).exclude(pk=customer.pk)
    ranked = sorted(others, key=lambda other: (-len(found[other.pk]), other.pk))
    return [MergeSuggestion(other, tuple(dict.fromkeys(found[other.pk]))) for other in ranked[:MOST]]


def _by_own_record(customer: Customer, found: dict[str, list[str]]) -> None:
    told = dict(_told(customer))
    wanted = Q(pk__in=[])
    for kind, value in told:
        wanted |= Q(kind=kind, value=value)
    for identity in Identity.objects.filter(wanted).exclude(customer=customer):
        field = told[identity.kind, identity.value]
        words = _WORDS[Identity.Kind(identity.kind)]
        found[identity.customer_id].append(f"“{field}” in this record is the other one’s {words}.")


def _namesakes(customer: Customer) -> list[Customer]:
    name = customer.display_name.strip().lower()
    if len(name.split()) < 2:
        return []
    rows = Customer.objects.exclude(display_name="").annotate(lower_name=Lower("display_name"))
    alike = rows.filter(lower_name=name, merged_into=None).exclude(pk=customer.pk).order_by("-created_at")
    return list(alike.prefetch_related("identities")[:MOST_NAMESAKES])


def _by_their_record(customer: Customer, other: Customer, found: dict[str, list[str]]) -> None:
    known = {(identity.kind, identity.value) for identity in customer.identities.all()}
    for pair, field in _told(other):
        if pair in known:
            words = _WORDS[Identity.Kind(pair[0])]
            found[other.pk].append(f"“{field}” in the other record is this one’s {words}.")


def _by_domain(customer: Customer, other: Customer, found: dict[str, list[str]]) -> None:
    for domain in sorted(_domains(customer) & _domains(other)):
        found[other.pk].append(f"Both are called {other.display_name} and write from {domain}.")


def _domains(customer: Customer) -> set[str]:
    mails = (one.value for one in customer.identities.all() if one.kind == Identity.Kind.EMAIL)
    return {mail.rpartition("@")[2] for mail in mails} - PUBLIC_DOMAINS


def _told(customer: Customer) -> Iterator[tuple[Known, str]]:
    """Identities that stand in the fields of the company's own record, with the field."""
    for field, value in list(customer.profile.items())[:MOST_FIELDS]:
        kind = _kind_of(field, value)
        if kind is None:
            continue
        try:
            yield (kind, identity_normalise(kind, value)), field
        except InvalidInput:
            continue


def _kind_of(field: str, value: object) -> Identity.Kind | None:
    if not isinstance(value, str):
        return None
    if "@" in value:
        return Identity.Kind.EMAIL
    if value.strip().startswith("+"):
        return Identity.Kind.PHONE
    return Identity.Kind.ACCOUNT if _ACCOUNT_FIELD.fullmatch(field.strip()) else None
