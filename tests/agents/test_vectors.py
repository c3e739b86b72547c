"""The factor vector decides a run, and decides it again from what was kept."""

import json

from hypothesis import given
from hypothesis import strategies as st

from agents.factors import DEFAULT_WEIGHTS
from agents.gate import Policy, gate_decide
from agents.models import Run
from agents.types import Autonomy, Blocker, Decision, Factor
from agents.vectors import Vector, signals_of, vector_read, vector_store
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call

vectors = st.builds(
    Vector,
    counts=st.dictionaries(st.sampled_from(Factor), st.integers(1, 9)),
    support=st.floats(0, 1),
    blockers=st.frozensets(st.sampled_from(Blocker), max_size=3),
    clarifiable=st.booleans(),
    unheard=st.booleans(),
    needs_support=st.booleans(),
)


@given(vectors)
def test_a_vector_that_was_kept_is_the_same(vector):
    stored = json.loads(json.dumps(vector_store(vector)))
    assert vector_read(stored, support=vector.support) == vector


def test_the_score_is_that_of_the_factors():
    vector = Vector(counts={Factor.URGENCY: 2, Factor.ANGRY_FRUSTRATED_TONE: 1})
    assert signals_of(vector, DEFAULT_WEIGHTS).score == 100 - 2 * 15 - 30
    assert signals_of(vector, {**DEFAULT_WEIGHTS, Factor.URGENCY: 0}).score == 70


def test_what_asking_back_would_settle_is_left_out():
    vector = Vector(counts={Factor.UNCLEAR_INFO: 1, Factor.URGENCY: 1})
    assert (signals_of(vector, DEFAULT_WEIGHTS).score, signals_of(vector, DEFAULT_WEIGHTS).score_if_clear) == (0, 85)


def test_codes_that_are_none_of_ours_any_more_are_left_out():
    stored = {"counts": {"urgency": 1, "shouting": 2}, "blockers": ["safety", "full_moon"], "flags": ["needs_support"]}
    vector = vector_read(stored, support=0.9)
    assert (vector.counts, vector.blockers) == ({Factor.URGENCY: 1}, {Blocker.SAFETY})


def test_a_run_keeps_what_decides_it_again(know, use_model, run):
    know(HOURS)
    counts = {Factor.URGENCY: 1}
    use_model(
        ScriptedModel(
            gather=[[call("search_knowledge", query="opening hours")], "Enough."],
            assess=[assessment(counts=counts)],
            compose=["We open at 9 and close at 18. [1]"],
        )
    )
    result = run("When do you open? It is urgent!", autonomy=Autonomy.DRAFT)
    kept = Run.objects.get(pk=result.run_id)
    vector = vector_read(kept.vector, support=kept.support)
    assert vector.counts == counts
    assert vector.blockers == frozenset(), "that only drafts are allowed is the policy's, not the message's"
    signals = signals_of(vector, DEFAULT_WEIGHTS)
    assert signals.score == result.score == 85
    assert gate_decide(signals, Policy(80, Autonomy.DRAFT)).blockers == result.blockers
    assert gate_decide(signals, Policy(80)).decision is Decision.AUTO_SEND
    assert gate_decide(signals, Policy(90)).decision is Decision.ESCALATE
