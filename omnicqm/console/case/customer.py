"""The customer beside a case: who they are, what else they came for, what was said elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from conversations.crm.selectors import crm_case_link
from conversations.follow_ups.selectors import follow_ups_open
from conversations.identity.suggestions import MergeSuggestion, merge_suggestions
from conversations.models import Conversation, Customer, Escalation, FollowUp, Identity, Interaction

CASES = 40  # of one customer that are looked at
SHOWN = 4  # of one category
TOUCHES = 8
TOUCH_CHARS = 110


@dataclass(frozen=True)
class CaseGroup:
    """The customer's other cases of one category, the latest first; `more` are those not shown."""

    category: str
    cases: list[Conversation]
    more: int


@dataclass(frozen=True)
class CustomerCard:
    customer: Customer
    identities: list[Identity]
    profile: list[tuple[str, Any]]
    open_cases: list[CaseGroup]
    past_cases: list[CaseGroup]
    promises: list[FollowUp]
    crm_url: str | None

    @property
    def is_verified(self) -> bool:
        return any(identity.verified_at for identity in self.identities)

    @property
    def case_count(self) -> int:
        return sum(len(group.cases) + group.more for group in (*self.open_cases, *self.past_cases))


@dataclass(frozen=True)
class Touch:
    """One recorded interaction in a line."""

    interaction: Interaction
    said: str


def customer_card(escalation: Escalation) -> CustomerCard:
    conversation = escalation.conversation
    customer = conversation.customer
    others = Conversation.objects.filter(customer=customer).exclude(pk=conversation.pk)
    cases = list(others.order_by("-updated_at")[:CASES])
    return CustomerCard(
        customer=customer,
        identities=list(customer.identities.all()),
        profile=[(name, value) for name, value in customer.profile.items() if str(value).strip()],
        open_cases=_groups(one for one in cases if one.status != Conversation.Status.RESOLVED),
        past_cases=_groups(one for one in cases if one.status == Conversation.Status.RESOLVED),
        promises=list(follow_ups_open(conversation)),
        crm_url=crm_case_link(conversation),
    )


def _groups(cases: Iterable[Conversation]) -> list[CaseGroup]:
    found: dict[str, list[Conversation]] = {}
    for case in cases:
        found.setdefault(case.category, []).append(case)
    return [CaseGroup(category, rows[:SHOWN], len(rows[SHOWN:])) for category, rows in found.items()]


def touches(customer: Customer) -> list[Touch]:
    """The newest interactions on all channels, ours and imported."""
    rows = Interaction.objects.filter(customer=customer).select_related("message")
    return [Touch(row, _said(row)) for row in rows.order_by("-occurred_at", "-id")[:TOUCHES]]


def _said(interaction: Interaction) -> str:
    text = interaction.message.text if interaction.message else interaction.detail
    return Truncator(" ".join(text.split()) or interaction.intent).chars(TOUCH_CHARS, truncate="…")


def merges_suggested(customer: Customer) -> Sequence[MergeSuggestion]:
    return merge_suggestions(customer)
