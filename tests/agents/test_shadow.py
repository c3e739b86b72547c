"""In the shadow the agent answers to the end, and nobody hears of it."""

import pytest

from agents.errors import ModelUnavailable
from agents.models import Category, Run
from agents.types import Autonomy, Blocker, Decision, Factor
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call

ANSWER = "We open at 9 and close at 18. [1]"


@pytest.fixture
def answering(know, use_model):
    """A model that answers from the document, or assesses as told."""
    know(HOURS)

    def answering(*compose, **assess):
        return use_model(
            ScriptedModel(
                gather=[[call("search_knowledge", query="opening hours")], "Enough."],
                assess=[assessment(**assess)],
                compose=list(compose) or [ANSWER],
            )
        )

    return answering


def test_it_is_written_as_it_would_have_been_sent_and_goes_to_people(answering, run):
    answering()
    heard: list[str] = []
    result = run("When do you open?", autonomy=Autonomy.SHADOW, on_sentence=heard.append)
    assert (result.decision, result.blockers) == (Decision.ESCALATE, (Blocker.SHADOW,))
    assert result.shadow is Decision.AUTO_SEND
    assert "We open at 9" in result.reply_text
    assert result.score == 100
    assert heard == [], "not a sentence goes out"
    kept = Run.objects.get(pk=result.run_id)
    assert (kept.shadow, kept.decision, kept.reply_text) == ("auto_send", "escalate", result.reply_text)
    assert "only works in the shadow here" in result.explanation


def test_a_category_may_be_in_the_shadow(answering, run):
    Category.objects.create(key="billing", title="Billing", autonomy=Autonomy.SHADOW)
    answering(category="billing")
    assert run("When do you open?").shadow is Decision.AUTO_SEND


def test_a_channel_that_allows_drafts_does_not_lift_it(answering, run):
    Category.objects.create(key="billing", title="Billing", autonomy=Autonomy.SHADOW)
    answering(category="billing")
    assert run("When do you open?", autonomy=Autonomy.DRAFT).shadow is Decision.AUTO_SEND


def test_what_it_would_not_have_sent_it_says_so(answering, run):
    answering(counts={Factor.ANGRY_FRUSTRATED_TONE: 1})
    result = run("When do you open, for heaven's sake?", autonomy=Autonomy.SHADOW)
    assert (result.decision, result.shadow) == (Decision.ESCALATE, Decision.ESCALATE)


def test_a_run_that_fails_later_would_not_have_sent_anything(answering, run):
    answering(ModelUnavailable("away"), ModelUnavailable("away"))
    result = run("When do you open?", autonomy=Autonomy.SHADOW)
    assert result.decision is Decision.ESCALATE
    assert result.shadow is Decision.ESCALATE
    assert result.reply_text == ""


def test_elsewhere_nothing_is_in_the_shadow(answering, run):
    answering()
    result = run("When do you open?")
    assert (result.decision, result.shadow) == (Decision.AUTO_SEND, None)
    assert Run.objects.get(pk=result.run_id).shadow == ""
