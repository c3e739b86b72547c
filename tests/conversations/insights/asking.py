"""A CRM that asks for insights, and the same few interactions for every test about them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from conversations.models import Customer, Identity, Insight, Interaction
from conversations.services.channels import channels_ensure_defaults
from tests.api import ApiClient

INSIGHTS = "/api/v1/omni-channel-insights"
ACCOUNT = "HH-10001"
PRIMARY, SECONDARY = "eu.amazon.nova-2-lite-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
DAMAGED_SOFA = "The sofa of order HH-4711 came damaged. I want a refund of 1,299.00 EUR."


@dataclass
class Caller:
    api: ApiClient

    @classmethod
    def new(cls) -> "Caller":
        """With the default channels to have interactions on."""
        channels_ensure_defaults()
        return cls(ApiClient())

    def ask(self, account: str = ACCOUNT, *, headers: dict[str, str] | None = None, **fields: Any) -> HttpResponse:
        return self.api.post(INSIGHTS, {"account_number": account, "contact_id": "call-1"} | fields, **(headers or {}))

    def told(self, **fields: Any) -> dict[str, Any]:
        """The answer to a request that must go well."""
        answer = self.ask(**fields)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def insight(self, **fields: Any) -> Insight:
        """The row of such an answer."""
        return Insight.objects.get(pk=self.told(**fields)["request_id"])

    def happened(
        self, detail: str = DAMAGED_SOFA, *, account: str = ACCOUNT, days_ago: float = 1, channel: str = "voice"
    ) -> Interaction:
        """One interaction of the customer with this account."""
        return Interaction.objects.create(
            customer=_customer_of(account),
            source=Interaction.Source.API,
            channel=channel,
            author=Interaction.Author.CUSTOMER,
            occurred_at=timezone.now() - timedelta(days=days_ago),
            detail=detail,
        )


def _customer_of(account: str) -> Customer:
    identity = Identity.objects.filter(kind=Identity.Kind.ACCOUNT, value=account).first()
    if identity is not None:
        return identity.customer
    customer = Customer.objects.create()
    Identity.objects.create(customer=customer, kind=Identity.Kind.ACCOUNT, value=account)
    return customer
