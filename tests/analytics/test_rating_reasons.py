"""Why CRM agents found summaries not helpful: the reasons they give, as labels; what they write freely stays out."""

from datetime import UTC, date, datetime

import pytest

from analytics.facts.services import facts_rebuild
from analytics.querying import Period, QuerySpec, spec_run
from feedback.models import Rating
from tests.analytics.seeding import told

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
PERIOD = Period(date(2026, 10, 1), date(2026, 10, 31))


def rate(reason: str, feedback: str = "not_helpful", *, rater: str = "client:crm", number: int = 0) -> None:
    insight = told(MONDAY, contact_id=f"call-{reason}-{number}")
    Rating.objects.create(insight=insight, rater=rater, feedback=feedback, reason=reason)


def test_ratings_that_say_not_helpful_are_counted_by_the_reason_given() -> None:
    rate("incomplete")
    rate("incomplete", number=1)
    rate("Outdated")
    rate("")
    rate("fast", "helpful")
    rate("Mrs Owusu moved to 12 Elm Road, call +49 151 23456789")
    told(MONDAY, contact_id="call-unrated")
    facts_rebuild()
    result = spec_run(QuerySpec("summaries_not_helpful", PERIOD, dimensions=("rating_reason",)))
    counted = {row.keys[0]: row.value for row in result.rows}
    assert counted == {"incomplete": 2, "outdated": 1, "other": 1, "": 1}
    assert result.total.value == 5
    assert {row.labels[0] for row in result.rows} >= {"Something is missing", "It is out of date", "No reason given"}


def test_who_changes_their_mind_is_counted_as_they_say_now() -> None:
    insight = told(MONDAY)
    Rating.objects.create(insight=insight, rater="client:a", feedback="not_helpful", reason="wrong", is_current=False)
    Rating.objects.create(insight=insight, rater="client:a", feedback="not_helpful", reason="too_long")
    facts_rebuild()
    result = spec_run(QuerySpec("summaries_not_helpful", PERIOD, dimensions=("rating_reason",)))
    assert [(row.labels[0], row.value) for row in result.rows] == [("Too long", 1)]
