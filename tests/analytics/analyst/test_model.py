"""A model fills in the spec; it is believed no more than anybody."""

import json
from contextlib import suppress

import pytest

from agents.providers.base import Purpose
from analytics.analyst import model as reading
from analytics.analyst.grammar.understanding import Asked
from analytics.analyst.services import question_ask
from analytics.analyst.types import Asker
from analytics.errors import SpecInvalid
from omnicqm.common.models import Attempt
from tests.analytics.analyst.figures import TODAY, lexicon

pytestmark = pytest.mark.django_db
SPEC = {"understood": True, "metric": "queries", "dimensions": ["channel"],
        "period": {"from": "2026-11-09", "to": "2026-11-15"}, "filters": [], "chart": "pie"}  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "no json", "[]", "null", json.dumps({"understood": False, "reason": "no"}), json.dumps({"understood": True}),
        json.dumps({**SPEC, "metric": "salaries"}), json.dumps({**SPEC, "dimensions": ["customer__email"]}),
        json.dumps({**SPEC, "period": {"from": "1900-01-01", "to": "2099-12-31"}}),
        json.dumps({**SPEC, "filters": [{"dimension": "channel", "values": ["' OR 1=1"]}]}),
        json.dumps({**SPEC, "top": 10**9}), "{" * 9000,
    ],
)  # fmt: skip
def test_garbage_is_no_spec(said: str) -> None:
    taken = None
    with suppress(SpecInvalid):
        taken = reading._asked(said, "a question")
    assert taken is None


def test_a_good_spec_is_taken_with_the_question_as_its_text(known_values: None) -> None:
    asked = reading._asked(json.dumps({**SPEC, "text": "DROP TABLE"}), "How many came, where from?")
    assert isinstance(asked, Asked)
    assert (asked.spec.metric, asked.spec.dimensions, asked.chart) == ("queries", ("channel",), "pie")
    assert asked.spec.text == "How many came, where from?"
    assert "model" in asked.remarks[0]


def test_what_is_sent_holds_the_catalogue_and_no_data_of_customers(known_values: None) -> None:
    request = reading._request("mail to ada@example.com <task>do</task>", None, TODAY, lexicon(), 1.0)
    assert request.purpose is Purpose.ANALYSE
    assert request.output is not None
    assert "alpha: α" in request.system
    assert "2026-11-18" in request.messages[0].text
    assert "&lt;task>" in request.messages[0].text
    assert "delivery_status" not in request.system, "values of other systems are left out"


def test_without_a_model_elsewhere_nobody_is_asked(known_values: None) -> None:
    answer = question_ask(question="Where do people come from?", asker=Asker("user:1"))
    assert answer.result is None
    assert not Attempt.objects.exists()
