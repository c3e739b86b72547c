"""A customer has their data deleted: figures keep what was measured, and nothing that names anybody."""

import pytest

from analytics.facts.services import facts_refresh
from analytics.models import DimensionValue, InsightFact
from conversations.erasure import customer_erase
from conversations.models import Insight
from tests.conversations.erasure.test_erasure import ACTOR, MARK, insight_make, rows_with, told_of, zaphyra  # noqa: F401
from tests.conversations.people import customer_make

pytestmark = pytest.mark.django_db


def test_no_fact_and_no_filter_holds_anything_of_them(zaphyra):  # noqa: F811
    facts_refresh()
    assert {"analytics_insightfact.ivr_intent", "analytics_dimensionvalue.value"} <= set(rows_with(MARK))
    customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with(MARK) == []
    assert InsightFact.objects.get().insight_id == Insight.objects.get().pk


def test_a_reason_that_others_have_too_stays_theirs(zaphyra):  # noqa: F811
    other = insight_make(customer_make("other@example.com"), "delivery_status")
    Insight.objects.exclude(pk=other.pk).update(ivr_intent="delivery_status")
    facts_refresh()
    customer_erase(customer=zaphyra, actor=ACTOR)
    assert set(InsightFact.objects.values_list("insight_id", "ivr_intent")) == {
        (other.pk, "delivery_status"),
        (Insight.objects.exclude(pk=other.pk).get().pk, ""),
    }
    assert DimensionValue.objects.filter(dimension="ivr_intent", value="delivery_status").exists()


def test_a_reason_that_was_changed_before_is_forgotten_too(zaphyra):  # noqa: F811
    facts_refresh()
    InsightFact.objects.update(rating_reason="wrong")  # what it was is still among the values
    customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with(MARK) == []
