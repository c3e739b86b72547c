"""The judge's scores come into the facts with what people put right."""

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from analytics.facts.services import facts_rebuild, facts_refresh
from analytics.models import QueryFact
from analytics.querying import Period, QuerySpec, spec_run
from feedback.judging.selectors import judgements_of
from tests.analytics.seeding import answered, asked

pytestmark = pytest.mark.django_db
_models: dict[str, Any] = apps.all_models["feedback"]
if "judgement" not in _models:
    pytest.skip("feedback has no judge yet", allow_module_level=True)


def judgement(run_id: str, **scores: float) -> Any:
    return _models["judgement"].objects.create(
        **{
            "run_id": run_id, "kind": "reply", "state": "judged", "judge": "embedded", "judge_version": "1",
            "judge_hash": "x", "verdict": "good", "relevance": 0.9, "accuracy": 0.8, "safety": 1.0,
            "judged_at": timezone.now(), **scores,
        }
    )  # fmt: skip


def test_scores_and_overrulings_are_followed() -> None:
    facts_rebuild()
    query = answered(asked(timezone.now()))
    other = answered(asked(timezone.now()))
    facts_refresh()
    made = judgement(query.run_id)
    judgement(other.run_id, accuracy=None, relevance=0.5)
    facts_refresh()
    fact = QueryFact.objects.get(pk=query.pk)
    assert (fact.relevance, fact.accuracy, fact.safety, fact.verdict) == (0.9, 0.8, 1.0, "good")

    _models["overruling"].objects.create(
        judgement=made, aspect="accuracy", value=0.2, label="bad", reason="It is 14 days.", actor="user:1"
    )
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
    judgement(query.run_id, judge="model", judge_version="m", relevance=0.4)
    judgement(query.run_id, judge="embedded", judge_version="e", relevance=1.0)
    facts_rebuild()
    assert QueryFact.objects.get(pk=query.pk).relevance == judgements_of([query.run_id])[query.run_id].relevance == 0.4


def test_a_question_back_is_no_reply_to_be_judged() -> None:
    """It has a judgement of its own kind, which no figure counts."""
    reply, question = answered(asked(timezone.now())), answered(asked(timezone.now()), decision="clarify")
    judgement(reply.run_id)
    judgement(question.run_id, kind="question", relevance=0.1)
    facts_rebuild()
    today = Period(timezone.localdate(), timezone.localdate())
    judged = spec_run(QuerySpec("judged_rate", today)).total
    assert (judged.value, judged.n) == (1.0, 1)
    assert spec_run(QuerySpec("judge_relevance", today)).total.value == pytest.approx(0.9)
