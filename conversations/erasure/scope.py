"""Which rows are a customer's."""

from dataclasses import dataclass

from django.db.models import Q

from conversations.models import Conversation, Customer, Identity, Insight, Message, Query


@dataclass(frozen=True)
class ErasureScope:
    """The ids of everything that is told of one person, under every id they have had here.

    `values` are what their identities were, by kind, as long as these rows exist.
    """

    customers: tuple[str, ...]
    conversations: tuple[str, ...]
    messages: tuple[str, ...]
    queries: tuple[str, ...]
    insights: tuple[str, ...]
    identities: tuple[str, ...]
    values: tuple[tuple[str, str], ...]

    @property
    def ids(self) -> list[str]:
        """All of them, to find what names one."""
        return [*self.customers, *self.conversations, *self.messages, *self.queries, *self.insights, *self.identities]

    def values_of(self, *kinds: str) -> list[str]:
        return [value for kind, value in self.values if kind in kinds]


def scope_of(customer: Customer) -> ErasureScope:
    """Everything of `customer`, which must be nobody's absorbed one. Those it has absorbed are the same person."""
    customers = (customer.pk, *Customer.objects.filter(merged_into=customer).values_list("pk", flat=True))
    identities = list(Identity.objects.filter(customer__in=customers))
    conversations = tuple(Conversation.objects.filter(customer__in=customers).values_list("pk", flat=True))
    values = tuple((identity.kind, identity.value) for identity in identities)
    return ErasureScope(
        customers=customers,
        conversations=conversations,
        messages=tuple(Message.objects.filter(conversation__in=conversations).values_list("pk", flat=True)),
        queries=tuple(Query.objects.filter(conversation__in=conversations).values_list("pk", flat=True)),
        insights=_insights(customers, [value for _, value in values]),
        identities=tuple(identity.pk for identity in identities),
        values=values,
    )


def _insights(customers: tuple[str, ...], values: list[str]) -> tuple[str, ...]:
    """Also those asked for by a number of theirs when nobody was known by it yet."""
    unknown_then = Q(customer=None, account_number__in=values)
    return tuple(Insight.objects.filter(Q(customer__in=customers) | unknown_then).values_list("pk", flat=True))
