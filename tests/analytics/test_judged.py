"""The judge's scores come into the facts with what people put right."""

import pytest
from django.utils import timezone

from analytics.facts.services import facts_rebuild, facts_refresh
from analytics.models import QueryFact
from analytics.querying import Period, QuerySpec, spec_run
from feedback.judging.selectors import judgements_of
from tests.analytics.seeding import answered, asked, judged, overruled

pytestmark = pytest.mark.django_db


def test_scores_and_overrulings_are_followed() -> None:
    facts_rebuild()
    query = answered(asked(timezone.now()))
    other = answered(asked(timezone.now()))
    facts_refresh()
    made = judged(query, judged_at=timezone.now())
    judged(other, accuracy=None, relevance=0.5, judged_at=timezone.now())
    facts_refresh()
    fact = QueryFact.objects.get(pk=query.pk)
    assert (fact.relevance, fact.accuracy, fact.safety, fact.verdict) == (0.9, 0.8, 1.0, "good")

    overruled(made, "accuracy", 0.2)
    facts_refresh()
    fact.refresh_from_db()
    assert fact.accuracy == 0.2
    today = Period(timezone.localdate(), timezone.localdate())
    assert spec_run(QuerySpec("judge_relevance", today)).total.value == pytest.approx(0.7)
    accuracy = spec_run(QuerySpec("judge_accuracy", today)).total
    assert (accuracy.value, accuracy.n) == (pytest.approx(0.2), 1)
    assert spec_run(QuerySpec("judged_rate", today)).total.value == 1.0


def test_of_several_judgements_the_one_that_pages_show_counts() -> None:
    """A model's, also when the embedded judge read the reply later."""
    query = answered(asked(timezone.now()))
    judged(query, judge="model", judge_version="m", relevance=0.4)
    judged(query, judge="embedded", judge_version="e", relevance=1.0)
    facts_rebuild()
    assert QueryFact.objects.get(pk=query.pk).relevance == judgements_of([query.run_id])[query.run_id].relevance == 0.4


def test_a_question_back_is_no_reply_to_be_judged() -> None:
    """It has a judgement of its own kind, which no figure counts."""
    reply, question = answered(asked(timezone.now())), answered(asked(timezone.now()), decision="clarify")
    judged(reply)
    judged(question, kind="question", relevance=0.1)
    facts_rebuild()
    today = Period(timezone.localdate(), timezone.localdate())
    rate = spec_run(QuerySpec("judged_rate", today)).total
    assert (rate.value, rate.n) == (1.0, 1)
    assert spec_run(QuerySpec("judge_relevance", today)).total.value == pytest.approx(0.9)
