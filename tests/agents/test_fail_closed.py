"""Whatever a model puts out: unless it is a whole assessment that agrees with itself, it never scores 80."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.assessment import MAX_OUTPUT_CHARS, assessment_parse
from agents.errors import OutputInvalid
from agents.types import Decision, Factor
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
GOOD = json.loads(assessment())
SUPPORTED = {"support": 0.9, "cited": [1]}
counted = {"count": 1, "evidence": ["the customer's words"]}
CONTRADICTIONS: list[dict[str, Any]] = [
    {**SUPPORTED, "factors": GOOD["factors"] | {Factor.NO_KNOWLEDGE: counted}},
    {"support": 0.9, "cited": []},
    {"support": 0.9, "cited": [7]},
    {"factors": GOOD["factors"] | {Factor.URGENCY: {"count": 2, "evidence": []}}},
    {"factors": GOOD["factors"] | {Factor.URGENCY: {"count": 2, "evidence": ["  "]}}},
    {"smalltalk": "thanks", "account_matter": True},
    {"smalltalk": "thanks", "factors": GOOD["factors"] | {Factor.URGENCY: counted}},
    {"category": "refund everybody"},
]
unparsable = st.text(max_size=200) | JSON.map(json.dumps)
cut_off = st.integers(0, len(assessment()) - 1).map(lambda end: assessment()[:end])
oversized = st.integers(MAX_OUTPUT_CHARS, 3 * MAX_OUTPUT_CHARS).map(lambda size: assessment() + " " * size)
contradictory = st.sampled_from(CONTRADICTIONS).map(lambda changes: json.dumps(GOOD | changes))
without_a_part = st.sampled_from(list(GOOD)).map(lambda name: json.dumps({k: v for k, v in GOOD.items() if k != name}))
without_a_factor = st.sets(st.sampled_from(list(Factor)), max_size=len(Factor) - 1).map(
    lambda kept: json.dumps(GOOD | {"factors": {factor: GOOD["factors"][factor] for factor in kept}})
)
wrong_part = st.tuples(st.sampled_from(list(GOOD)), JSON).map(lambda part: GOOD | {part[0]: part[1]})
useless = st.one_of(unparsable, cut_off, oversized, contradictory, without_a_part, without_a_factor)


@given(useless)
def test_useless_output_is_no_assessment(text):
    with pytest.raises(OutputInvalid):
        assessment_parse(text, categories=["other"], passages=3)


@given(wrong_part)
def test_a_part_of_any_other_kind_is_refused_or_harmless(data):
    """What passes has all six factors counted, a support between 0 and 1, and a category there is."""
    try:
        found = assessment_parse(json.dumps(data), categories=["other"], passages=3)
    except OutputInvalid:
        return
    assert set(found.counts) == set(Factor)
    assert 0 <= found.support <= 1
    assert found.category == "other"


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=useless)
def test_a_run_on_useless_output_ends_with_a_person_and_score_0(text, hours, use_model, run):
    searching = [[call("search_knowledge", query="opening hours")], "Enough."]
    use_model(ScriptedModel(gather=searching, assess=[text], compose=["We open at 9. [1]"]))
    result = run("When do you open?")
    assert (result.decision, result.score, result.reply_text) == (Decision.ESCALATE, 0, "")


@pytest.fixture
def hours(know) -> None:
    know(HOURS)
