"""The ledger, the facts and every figure of cost agree to the eighth decimal and to the token."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from agents.erasing import again_of
from agents.types import REPLAYS
from analytics.facts.services import facts_rebuild
from analytics.models import QueryFact
from analytics.querying import Filter, Grain, Period, QuerySpec, spec_run
from omnicqm.common.models import Attempt
from tests.analytics.seeding import answered, asked, escalated, run_of, told, tried_again

pytestmark = pytest.mark.django_db
MONTH = Period(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
def ledger() -> list[Attempt]:
    """Rows with odd amounts: of replies, abandoned runs, replays, drafts, summaries, speech, and of nothing known."""
    chance = random.Random(3)
    begin = datetime(2026, 10, 1, tzinfo=UTC)
    for number in range(60):
        query = asked(begin + timedelta(hours=12.1 * number), channel=chance.choice(("outlook", "chat")))
        if number % 9 == 0:
            run_of(query, state="failed")  # abandoned: another one follows
        answered(query) if number % 4 else escalated(query)
        if number % 3 == 0:
            told(query.created_at)
        if number % 10 == 0:
            tried_again(query)
            tried_again(query, origin=again_of(query.pk))
    Attempt.objects.create(at=begin, purpose="transcribe", provider="local", model="x", scope="channel:chat",
                           latency_ms=1, outcome="ok")  # fmt: skip
    Attempt.objects.create(at=begin, purpose="embed", provider="titan", model="y", latency_ms=1, outcome="ok")
    for attempt in Attempt.objects.all():
        attempt.cost_usd = Decimal(chance.randrange(10**7)) / 10**8
        attempt.input_tokens, attempt.output_tokens = chance.randrange(5000), chance.randrange(500)
        attempt.cache_read_tokens, attempt.cache_write_tokens = chance.randrange(900), chance.randrange(90)
        attempt.model = chance.choice(("nova", "haiku", ""))
        attempt.save()
    facts_rebuild()
    return list(Attempt.objects.all())


def tokens(attempt: Attempt) -> int:
    return attempt.input_tokens + attempt.output_tokens + attempt.cache_read_tokens + attempt.cache_write_tokens


def test_in_all(ledger: list[Attempt]) -> None:
    assert spec_run(QuerySpec("cost", MONTH)).total.value == sum(attempt.cost_usd for attempt in ledger)
    assert spec_run(QuerySpec("tokens", MONTH)).total.value == sum(map(tokens, ledger))
    assert spec_run(QuerySpec("attempts", MONTH)).total.value == len(ledger)


def test_day_by_day(ledger: list[Attempt]) -> None:
    cost, count = Counter[date](), Counter[date]()
    for attempt in ledger:
        cost[attempt.at.date()] += attempt.cost_usd
        count[attempt.at.date()] += tokens(attempt)
    days = spec_run(QuerySpec("cost", MONTH, grain=Grain.DAY)).rows
    assert {row.bucket: row.value for row in days if row.value} == cost
    assert {row.bucket: row.value for row in spec_run(QuerySpec("tokens", MONTH, grain=Grain.DAY)).rows} == {
        row.bucket: count[row.bucket] for row in days
    }


def test_by_model_and_channel(ledger: list[Attempt]) -> None:
    cost = Counter[tuple[str, str]]()
    for attempt in ledger:
        cost[attempt.model, attempt.scope.partition("channel:")[2]] += attempt.cost_usd
    split = spec_run(QuerySpec("cost", MONTH, dimensions=("model", "channel")))
    assert {row.keys: row.value for row in split.rows} == cost
    chat = spec_run(QuerySpec("cost", MONTH, filters=(Filter("channel", ("chat",)),)))
    assert chat.total.value == sum(value for (_, channel), value in cost.items() if channel == "chat")


def test_by_what_it_was_for(ledger: list[Attempt]) -> None:
    areas = {row.keys[0]: row.value for row in spec_run(QuerySpec("cost", MONTH, dimensions=("area",))).rows}
    assert set(areas) == {"reply", "insight", "speech", "other"}
    assert areas["insight"] == sum(attempt.cost_usd for attempt in ledger if attempt.scope == "insights")
    tries = [attempt for attempt in ledger if attempt.scope == REPLAYS]
    assert len(tries) == 12
    assert areas["other"] == sum(attempt.cost_usd for attempt in [*tries, Attempt.objects.get(purpose="embed")])
    # What replies cost by the ledger is what the queries cost, abandoned runs included.
    assert areas["reply"] == sum(QueryFact.objects.values_list("cost_usd", flat=True))
    per_reply = spec_run(QuerySpec("cost_per_reply", MONTH)).total
    assert per_reply.n == QueryFact.objects.filter(answered_by="agent").count()
    assert round(per_reply.value * per_reply.n, 8) == areas["reply"]
