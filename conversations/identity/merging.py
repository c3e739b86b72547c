"""When two customers turn out to be one, or one to be two."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from conversations.channels.base import Sender
from conversations.errors import CannotMerge
from conversations.identity.services import identity_resolve
from conversations.models import Conversation, Customer, Erasure, Identity, Interaction, Message
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record


@transaction.atomic
def customer_merge(
    *, customer: Customer, absorbed: Customer, actor: str, evidence: dict[str, Any] | None = None
) -> Customer:
    """Let `customer` take over what belongs to `absorbed`, which points at it from now on.

    The surviving record keeps its own fields; empty ones are filled from the other. `evidence` (codes and ids, no
    content) goes to the audit trail with what moved, so that a split can put it back. Raises `CannotMerge`.
    """
    customer, absorbed = _lock_both(customer, absorbed)
    identities = _ids(Identity.objects.select_for_update().filter(customer=absorbed))
    conversations = _ids(Conversation.objects.select_for_update().filter(customer=absorbed))
    Identity.objects.filter(pk__in=identities).update(customer=customer)
    Conversation.objects.filter(pk__in=conversations).update(customer=customer)
    Interaction.objects.filter(customer=absorbed).update(customer=customer)
    Customer.objects.filter(merged_into=absorbed).update(merged_into=customer)
    absorbed.merged_into = customer
    absorbed.save(update_fields=["merged_into", "updated_at"])
    _fill(customer, absorbed)
    details = {"absorbed": absorbed.pk, "identities": identities, "conversations": conversations}
    audit_record(actor=actor, action="customer.merged", obj=customer, details={**details, "evidence": evidence or {}})
    return customer


@transaction.atomic
def customer_split(
    *, customer: Customer, identity_ids: Iterable[str], actor: str, evidence: dict[str, Any] | None = None
) -> Customer:
    """Give the named identities of `customer` to a new customer, with the conversations only these have written in
    and the interactions that were imported for them.

    Raises `InvalidInput` naming ``identity_ids`` when one is not theirs or none would be left.
    """
    wanted = set(identity_ids)
    theirs = set(_ids(Identity.objects.select_for_update().filter(customer=customer)))
    if not wanted or not wanted < theirs:
        raise InvalidInput(
            "Name at least one identity of this customer, and leave at least one with them.", param="identity_ids"
        )
    created = Customer.objects.create()
    Identity.objects.filter(pk__in=wanted).update(customer=created)
    conversations = _conversations_of(customer, wanted)
    Conversation.objects.filter(pk__in=conversations).update(customer=created)
    theirs_now = Q(identity__in=wanted) | Q(message__conversation__in=conversations)
    Interaction.objects.filter(theirs_now, customer=customer).update(customer=created)
    details = {"created": created.pk, "identities": sorted(wanted), "conversations": conversations}
    audit_record(actor=actor, action="customer.split", obj=customer, details={**details, "evidence": evidence or {}})
    return created


@transaction.atomic
def visitor_claim(*, visitor: Identity, email: str) -> Customer:
    """The customer of `email`, which the visitor has just shown to be theirs; takes over what the visitor wrote.

    A visitor who belongs to a known customer already (somebody else signed in on the same browser before) keeps
    belonging to them: nothing moves. Raises `InvalidInput` for a malformed address.
    """
    visitor = _visitor_locked(visitor)
    identity = identity_resolve(
        sender=Sender(kind=Identity.Kind.EMAIL, value=email, verified=True), source="sign-in", param="email"
    )
    return visitor_join(visitor=visitor, identity=identity, reason="signed_in")


@transaction.atomic
def visitor_join(*, visitor: Identity, identity: Identity, reason: str) -> Customer:
    """The customer of `identity`, whom the visitor has turned out to be; takes over what the visitor wrote.

    As in `visitor_claim`, nothing moves of a visitor who belongs to a known customer already.
    """
    visitor = _visitor_locked(visitor)
    anonymous = not visitor.customer.identities.exclude(kind=Identity.Kind.VISITOR).exists()
    if anonymous and visitor.customer_id != identity.customer_id:
        actor = f"customer:{identity.customer_id}"
        evidence = {"reason": reason, "visitor": visitor.pk}
        customer_merge(customer=identity.customer, absorbed=visitor.customer, actor=actor, evidence=evidence)
    return identity.customer


def _visitor_locked(visitor: Identity) -> Identity:
    return Identity.objects.select_for_update(of=("self",)).select_related("customer").get(pk=visitor.pk)


def _lock_both(customer: Customer, absorbed: Customer) -> tuple[Customer, Customer]:
    if customer.pk == absorbed.pk:
        raise CannotMerge("A customer cannot be merged with itself.", param="customer_id")
    rows = Customer.objects.select_for_update().filter(pk__in=[customer.pk, absorbed.pk]).order_by("pk")
    locked = {row.pk: row for row in rows}
    if any(row.merged_into_id for row in locked.values()):
        raise CannotMerge("One of the customers has been merged already. Use the one it was merged into.")
    if Erasure.objects.filter(customer__in=locked).exists():
        raise CannotMerge("One of the customers has had their data deleted. There is nothing left to merge.")
    return locked[customer.pk], locked[absorbed.pk]


def _fill(customer: Customer, absorbed: Customer) -> None:
    customer.display_name = customer.display_name or absorbed.display_name
    customer.language = customer.language or absorbed.language
    customer.profile = {**absorbed.profile, **customer.profile}
    if customer.service_level == Customer.ServiceLevel.STANDARD:
        customer.service_level = absorbed.service_level
    customer.save()


def _conversations_of(customer: Customer, identity_ids: set[str]) -> list[str]:
    """Conversations of `customer` in which these identities have written, and no other."""
    said = Message.objects.filter(conversation__customer=customer, direction=Message.Direction.INBOUND)
    others = said.exclude(sender__in=identity_ids).values("conversation")
    mine = said.filter(sender__in=identity_ids).exclude(conversation__in=others)
    return sorted(set(mine.values_list("conversation_id", flat=True)))


def _ids(rows: Any) -> list[str]:
    return sorted(row.pk for row in rows)
