import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.factors import (
    BLOCKER_WORDS,
    DEFAULT_WEIGHTS,
    FACTOR_WORDS,
    explanation_write,
    factors_weigh,
    score_compute,
)
from agents.types import Blocker, Decision, Factor

counts = st.dictionaries(st.sampled_from(Factor), st.tuples(st.integers(0, 9), st.just(("words",))))
ANGRY_COMPLAINT = {
    Factor.PREMIUM_COMPLAINTS: (1, ["unfair"]),
    Factor.ANGRY_FRUSTRATED_TONE: (1, ["ridiculous"]),
    Factor.URGENCY: (1, ["prompt response"]),
    Factor.MULTIPLE_TOPICS: (0, []),
}


def test_an_angry_urgent_complaint_of_a_premium_customer_scores_5():
    factors = factors_weigh(ANGRY_COMPLAINT, DEFAULT_WEIGHTS)
    assert score_compute(factors) == 5
    assert list(factors) == [Factor.PREMIUM_COMPLAINTS, Factor.ANGRY_FRUSTRATED_TONE, Factor.URGENCY]


def test_of_another_customer_the_complaint_does_not_count():
    factors = factors_weigh(ANGRY_COMPLAINT, DEFAULT_WEIGHTS, inapplicable=[Factor.PREMIUM_COMPLAINTS])
    assert score_compute(factors) == 55


def test_each_further_topic_costs_ten():
    factors = factors_weigh({Factor.MULTIPLE_TOPICS: (3, ["a", "b"])}, DEFAULT_WEIGHTS)
    assert score_compute(factors) == 70


@given(counts)
def test_the_score_stays_between_0_and_100_and_falls_with_every_factor(found):
    factors = factors_weigh(found, DEFAULT_WEIGHTS)
    score = score_compute(factors)
    assert 0 <= score <= 100
    for factor in factors:
        assert score_compute(factors, leave_out=[factor]) >= score


def test_the_explanation_of_an_escalation_names_each_factor_with_its_weight():
    factors = factors_weigh(ANGRY_COMPLAINT, DEFAULT_WEIGHTS)
    assert explanation_write(Decision.ESCALATE, 5, factors, ()) == (
        "Routed to a consultant because of premium complaints (-50), angry/frustrated tone (-30) and urgency (-15). "
        "The confidence score is 5."
    )


def test_the_explanation_names_blockers_too():
    text = explanation_write(Decision.ESCALATE, 100, {}, (Blocker.ASKED_FOR_PERSON,))
    assert text == "Routed to a consultant because the customer asked for a person. The confidence score is 100."


def test_an_answer_says_what_it_was_sent_in_spite_of():
    factors = factors_weigh({Factor.URGENCY: (1, ["asap"])}, DEFAULT_WEIGHTS)
    text = explanation_write(Decision.AUTO_SEND, 85, factors, ())
    assert text == "Answered automatically in spite of urgency (-15). The confidence score is 85."


def test_a_plain_answer_gives_its_score():
    assert explanation_write(Decision.AUTO_SEND, 100, {}, ()) == (
        "Answered automatically. The confidence score is 100."
    )


@pytest.mark.parametrize("factor", Factor)
def test_every_factor_has_a_weight_and_words(factor):
    assert factor in DEFAULT_WEIGHTS
    assert FACTOR_WORDS[factor]


@pytest.mark.parametrize("blocker", Blocker)
def test_every_blocker_has_words(blocker):
    assert BLOCKER_WORDS[blocker]
