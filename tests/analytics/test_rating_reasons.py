"""Why CRM agents found summaries not helpful: the reasons they give, as labels; what they write freely stays out."""

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from analytics.catalogue.dimensions import RATING_REASONS
from analytics.facts.services import facts_rebuild
from analytics.models import DimensionValue, InsightFact, Pin
from analytics.querying import Filter, Period, QuerySpec, spec_dump, spec_run
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
    rate("too long")
    rate("Mrs Owusu moved to 12 Elm Road, call +49 151 23456789")
    rate("Call Priya Raman back")
    told(MONDAY, contact_id="call-unrated")
    facts_rebuild()
    result = spec_run(QuerySpec("summaries_not_helpful", PERIOD, dimensions=("rating_reason",)))
    counted = {row.keys[0]: row.value for row in result.rows}
    assert counted == {"incomplete": 2, "outdated": 1, "too_long": 1, "other": 2, "": 1}
    assert result.total.value == 7
    noted = DimensionValue.objects.filter(dimension="rating_reason").values_list("value", flat=True)
    assert set(noted) <= {"", *RATING_REASONS}, "what people wrote is no value to filter by"
    assert {row.labels[0] for row in result.rows} >= {"Something is missing", "It is out of date", "No reason given"}


def test_who_changes_their_mind_is_counted_as_they_say_now() -> None:
    insight = told(MONDAY)
    Rating.objects.create(insight=insight, rater="client:a", feedback="not_helpful", reason="wrong", is_current=False)
    Rating.objects.create(insight=insight, rater="client:a", feedback="not_helpful", reason="too_long")
    facts_rebuild()
    result = spec_run(QuerySpec("summaries_not_helpful", PERIOD, dimensions=("rating_reason",)))
    assert [(row.labels[0], row.value) for row in result.rows] == [("Too long", 1)]


def test_what_facts_kept_of_free_words_is_taken_out() -> None:
    """Of an installation that kept them: in facts, in values to filter by, in pins."""
    rate("wrong")
    rate("unclear")
    facts_rebuild()
    rate("outdated")
    facts_rebuild()
    InsightFact.objects.filter(rating_reason="unclear").update(rating_reason="call priya raman back")
    InsightFact.objects.filter(rating_reason="outdated").update(rating_reason=" Too Long")
    DimensionValue.objects.create(dimension="rating_reason", value="call priya raman back")
    spec = spec_dump(
        QuerySpec("insights", PERIOD, filters=(Filter("rating_reason", ("call", "call priya raman back", "")),))
    )
    user = User.objects.create_user("ada")
    title = "Summaries told, only reason given Call Priya Raman back"
    pin = Pin.objects.create(owner=user, title=title, spec=spec, chart="table", position=1)
    migration = import_module("analytics.migrations.0005_known_reasons_and_tries")
    with connection.cursor() as cursor:
        for statement in migration.Migration.operations[0].sql:
            cursor.execute(statement)
    migration.pins_clean(apps, None)
    assert sorted(InsightFact.objects.values_list("rating_reason", flat=True)) == ["other", "too_long", "wrong"]
    assert not DimensionValue.objects.filter(value__contains="priya").exists()
    pin.refresh_from_db()
    assert (pin.title, pin.spec["filters"][0]["values"]) == ("Summaries told, only reason given other", ["other", ""])
