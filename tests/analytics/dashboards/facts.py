"""A month of invented facts whose every figure follows from these loops."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from analytics.models import (
    AttemptFact,
    CaseFact,
    DimensionValue,
    EscalationFact,
    FactsState,
    InsightFact,
    QueryFact,
)
from omnicqm.console.roles import ANALYSTS, groups_ensure

DAYS = 10  # yesterday is the first, counted back
CHANNELS = ("outlook", "chat")


def day_at(days_ago: int, hour: int = 9) -> datetime:
    """A moment of an earlier day; the tests' time zone is UTC."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(day, time(hour)))


def month_seed() -> None:
    """On each of ten days four cases by mail and two by chat; one of the mails goes to people, with nothing known."""
    for ago in range(1, DAYS + 1):
        for number, channel in enumerate(["outlook"] * 4 + ["chat"] * 2):
            matter_seed(ago, number, channel, escalated=number == 0)
        insights_seed(ago)
    DimensionValue.objects.bulk_create(
        [
            DimensionValue(dimension=name, value=value)
            for name, values in {
                "channel": CHANNELS, "category": ("returns", "delivery"), "model": ("nova", "haiku"),
                "prompt_version": ("v1", "s1"), "reason": ("no_knowledge",), "purpose": ("compose",),
                "ivr_intent": ("returns", "=cmd()"),
            }.items()
            for value in values
        ]
    )  # fmt: skip
    FactsState.objects.create(through=timezone.now())


def matter_seed(ago: int, number: int, channel: str, *, escalated: bool) -> None:
    """A query, its case, its ledger row, and an escalation where it went to people."""
    key = f"{ago}-{number}"
    category = "returns" if number % 2 else "delivery"
    shared: dict[str, Any] = {
        "at": day_at(ago), "channel": channel, "category": category, "model": "nova", "prompt_version": "v1",
        "service_level": "standard", "language": "en",
    }  # fmt: skip
    QueryFact.objects.create(
        **shared, query_id=key, customer_id=key, conversation_id=key, status="escalated" if escalated else "answered",
        answered_by="" if escalated else "agent", reason="no_knowledge" if escalated else "", is_automatic=False,
        is_covered=False, has_run=True, run_failed=False, fell_back=False, is_final=not escalated, score=90,
        run_ms=100 * (number + 1), answer_seconds=2, cost_usd=Decimal("0.002"), finished_at=day_at(ago),
    )  # fmt: skip
    CaseFact.objects.create(
        **shared, conversation_id=key, customer_id=key, queries=1, last_status="answered", involved=True,
        escalated=escalated, person_spoke=False, answered_by_agent=not escalated, reopened=False, came_back=False,
        resolved=not escalated, is_provisional=ago < 7, asked_at=day_at(ago), answered_at=day_at(ago),
        window_until=day_at(ago) + timedelta(days=7), cost_usd=Decimal("0.002"),
    )  # fmt: skip
    AttemptFact.objects.create(
        attempt_id=key, at=day_at(ago), area="reply", purpose="compose", provider="primary", model="nova",
        channel=channel, category=category, prompt_version="v1", outcome="ok", latency_ms=200,
        cost_usd=Decimal("0.002"), input_tokens=100, output_tokens=20, cache_read_tokens=100,
    )  # fmt: skip
    if escalated:
        EscalationFact.objects.create(
            **shared, escalation_id=key, query_id=key, conversation_id=key, queue="delivery", state="open",
            reason="no_knowledge", due_at=day_at(ago), has_draft=True, is_answered=False,
        )  # fmt: skip


def insights_seed(ago: int) -> None:
    """Three summaries a day, two rated: two of three days' ratings are helpful."""
    for number in range(3):
        InsightFact.objects.create(
            insight_id=f"{ago}-{number}", at=day_at(ago), contact=f"{ago}-{number}", client="crm",
            ivr_intent="=cmd()" if number == 0 else "returns", model="haiku", prompt_version="s1", cache="none",
            is_empty=False, is_transfer=False, fell_back=False, latency_ms=1000 + number, cost_usd=Decimal("0.001"),
            helpful=number == 0, not_helpful=number == 1,
        )  # fmt: skip


def analyst_make(username: str = "ada") -> User:
    """Somebody of the group that sees figures and nothing else."""
    groups_ensure()
    user = User.objects.create_user(username, password="a long enough password", is_staff=True)
    user.groups.add(Group.objects.get(name=ANALYSTS))
    return user
