import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gate import SUPPORT_FLOOR, Policy, Signals, gate_decide
from agents.types import Autonomy, Blocker, Decision

SCORES = st.integers(0, 100)
policies = st.builds(Policy, threshold=SCORES, autonomy=st.sampled_from(Autonomy))
signals = st.builds(
    Signals,
    score=SCORES,
    score_if_clear=SCORES,
    support=st.floats(allow_nan=True, allow_infinity=True),
    blockers=st.frozensets(st.sampled_from(Blocker), max_size=3),
    clarifiable=st.booleans(),
    needs_support=st.booleans(),
)


@given(signals, policies)
def test_nothing_is_sent_alone_with_a_blocker(seen, policy):
    if seen.blockers:
        assert gate_decide(seen, policy).decision is Decision.ESCALATE


@given(signals, policies)
def test_nothing_is_sent_alone_below_the_threshold(seen, policy):
    if seen.score < policy.threshold:
        assert gate_decide(seen, policy).decision is not Decision.AUTO_SEND


@given(signals, policies)
def test_nothing_is_sent_alone_where_only_drafts_are_allowed(seen, policy):
    if policy.autonomy is Autonomy.DRAFT:
        verdict = gate_decide(seen, policy)
        assert verdict.decision is Decision.ESCALATE
        assert Blocker.DRAFTS_ONLY in verdict.blockers


@given(signals, policies)
def test_nothing_that_states_something_is_sent_alone_without_support(seen, policy):
    supported = seen.support >= SUPPORT_FLOOR  # false for NaN
    if seen.needs_support and not supported:
        assert gate_decide(seen, policy).decision is not Decision.AUTO_SEND


@given(signals, policies)
def test_one_asks_back_only_when_that_would_settle_it(seen, policy):
    if gate_decide(seen, policy).decision is Decision.CLARIFY:
        assert seen.clarifiable
        assert seen.score_if_clear >= policy.threshold
        assert not seen.blockers


@given(signals, policies)
def test_the_same_signals_get_the_same_verdict_with_a_reason(seen, policy):
    verdict = gate_decide(seen, policy)
    assert verdict == gate_decide(seen, policy)
    assert verdict.reasons


def test_a_supported_reply_at_the_threshold_is_sent():
    verdict = gate_decide(Signals(80, 80, SUPPORT_FLOOR, frozenset()), Policy())
    assert (verdict.decision, verdict.reasons) == (Decision.AUTO_SEND, ("supported",))


def test_a_courtesy_needs_no_support():
    verdict = gate_decide(Signals(100, 100, 0.0, frozenset(), needs_support=False), Policy())
    assert (verdict.decision, verdict.reasons) == (Decision.AUTO_SEND, ("courtesy",))


def test_an_angry_unclear_message_goes_to_a_person_instead_of_being_asked_back():
    seen = Signals(score=0, score_if_clear=70, support=0.0, blockers=frozenset(), clarifiable=True)
    assert gate_decide(seen, Policy()).decision is Decision.ESCALATE


def test_all_reasons_are_named():
    verdict = gate_decide(Signals(40, 40, math.nan, frozenset()), Policy())
    assert verdict.reasons == ("score_below_threshold", "no_support")


@pytest.mark.parametrize("blocker", Blocker)
def test_every_blocker_is_named(blocker):
    verdict = gate_decide(Signals(100, 100, 1.0, frozenset({blocker})), Policy())
    assert verdict.blockers == (blocker,)
    assert verdict.reasons == (blocker.value,)
