import json

import pytest

from agents.assessment import assessment_parse
from agents.errors import OutputInvalid
from agents.types import Blocker, Factor
from tests.agents.scripted import assessment


def parse(text: str, passages: int = 3):
    return assessment_parse(text, categories=["billing", "other"], passages=passages)


def without(name: str) -> str:
    return json.dumps({key: value for key, value in json.loads(assessment()).items() if key != name})


def test_a_complete_assessment_is_read():
    found = parse(assessment(counts={Factor.URGENCY: 1}, asked_for_person=True, category="billing"))
    assert found.counts[Factor.URGENCY] == (1, ("the customer's words",))
    assert found.flags == {Blocker.ASKED_FOR_PERSON}
    assert (found.category, found.support) == ("billing", 0.9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I think this is fine.",
        "[]",
        "null",
        "100",
        assessment()[:-20],
        "[" * 5000,
        '{"support": NaN}',
        assessment() + " " * 20_000,
        without("factors"),
        without("support"),
        assessment(support=1.5),
        assessment(support=-0.1),
        assessment(support="high"),
        assessment(category="refunds of other people"),
        assessment(surprise=1),
        assessment(factors={}),
        assessment(counts={Factor.URGENCY: 10_000}),
        assessment(counts={Factor.URGENCY: -1}),
        assessment(language="English, I guess"),
        assessment(smalltalk="thank you kindly"),
    ],
)
def test_what_is_not_the_asked_for_json_is_refused(text):
    with pytest.raises(OutputInvalid):
        parse(text)


def test_nan_is_no_number():
    with pytest.raises(OutputInvalid):
        parse(assessment().replace("0.9", "NaN"))


@pytest.mark.parametrize(
    "text",
    [
        assessment(counts={Factor.NO_KNOWLEDGE: 1}),
        assessment(cited=[]),
        assessment(cited=[4]),
        assessment(smalltalk="thanks", counts={Factor.ANGRY_FRUSTRATED_TONE: 1}),
        assessment(smalltalk="thanks", account_matter=True),
        assessment(counts={Factor.URGENCY: 1}).replace("the customer's words", " "),
    ],
    ids=["known and unknown", "no citation", "cites nothing found", "angry thanks", "account thanks", "no evidence"],
)
def test_an_assessment_that_contradicts_itself_is_refused(text):
    with pytest.raises(OutputInvalid):
        parse(text)


def test_the_problem_is_told_in_words_a_model_can_use():
    with pytest.raises(OutputInvalid, match="support"):
        parse(assessment(support=7))
