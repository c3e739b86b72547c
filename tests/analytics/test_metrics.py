"""Every figure against a count by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from analytics.facts.services import facts_rebuild
from analytics.querying import Result, spec_read, spec_run
from tests.analytics.seeding import answered, asked, escalated, replied

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 10, 5, 9, tzinfo=UTC)  # a Monday


def ask(metric: str, **fields: object) -> Result:
    period = {"from": "2026-10-01", "to": "2026-10-31"}
    return spec_run(spec_read({"metric": metric, "period": period, **fields}))


def test_alpha_of_a_week_in_october() -> None:
    answered(asked(DAY))  # for good
    answered(asked(DAY + timedelta(days=1), channel="chat"))
    escalated(asked(DAY))
    replied(escalated(asked(DAY)), "Thirty days.", after=timedelta(hours=1))
    facts_rebuild()
    alpha = ask("alpha")
    assert (alpha.total.value, alpha.total.n, alpha.total.provisional) == (0.5, 4, 0)
    by_channel = ask("alpha", dimensions=["channel"])
    assert {row.keys: (row.value, row.n) for row in by_channel.rows} == {("chat",): (1.0, 1), ("outlook",): (1 / 3, 3)}
    assert ask("queries").total.value == 4
    assert ask("workload").total.value == 2
    assert ask("cost").total.value == Decimal("0.004")
    daily = ask("queries", grain="day")
    assert [row.value for row in daily.rows][:7] == [0, 0, 0, 0, 3, 1, 0]
