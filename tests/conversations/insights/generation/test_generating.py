"""A summary always comes: from the first model whose draft holds to the history, at last from the embedded engine."""

import pytest

from agents.errors import ModelRefused, ModelThrottled, ModelTimeout
from conversations.errors import InsightLate
from conversations.insights.generation import intent_key, prompt_version
from conversations.insights.generation.generating import HISTORY_TOKENS
from conversations.insights.generation.text import LEFT_OUT
from conversations.models import Customer
from omnicqm.common.models import Attempt
from tests.conversations.insights.generation.histories import FEE, FEE_OUTCOME, FEE_PROBLEM, draft, event, history

GOOD = draft(FEE_PROBLEM, FEE_OUTCOME, subject="Late payment fee", mood="frustrated")
INVENTED = draft("The customer was charged a late fee of $1,300 on 28 April.")


def test_the_first_model_s_draft_becomes_the_text(models, summarise):
    models([GOOD], cached=900)
    summary = summarise(history(*FEE))
    assert summary.text == (
        "2 interactions from 3 May 2026 to 4 May 2026 (email). Last: 4 May 2026, email.\n"
        "Late payment fee\n"
        f"Problem: {FEE_PROBLEM} (3 May, email)\n"
        "Outcome: A refund of the fee was refused; the due date was changed to 15 June. (4 May, email)\n"
        "Mood: frustrated."
    )
    assert (summary.model_used, summary.provider, summary.fell_back) == ("primary-1", "primary", False)
    assert summary.prompt_cache_hit
    assert summary.checks["failed"] == []
    assert summary.prompt_version == prompt_version()


def test_a_draft_that_fails_its_checks_is_repaired_once(models, summarise):
    [primary] = models([INVENTED, GOOD])
    summary = summarise(history(*FEE))
    assert summary.model_used == "primary-1"
    assert summary.checks["failed"][0]["found"] == ["amount"]
    assert "$1,300" in primary.requests[1].messages[-1].text
    assert summary.usage.input_tokens == 200, "both calls were used"


def test_there_is_no_repair_when_a_second_answer_cannot_come_in_time(models, summarise, monkeypatch):
    moments = iter([0.0, 0.0, 0.0, 4.0, 4.0, *[4.0] * 50])
    primary, _ = models([INVENTED], [GOOD])
    monkeypatch.setattr("conversations.insights.generation.generating.time.monotonic", lambda: next(moments))
    assert summarise(history(*FEE), seconds=1e6).model_used == "secondary-1"
    assert len(primary.requests) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [ModelThrottled("Too many.")],
        [ModelTimeout("Too slow.")],
        [ModelRefused("No.")],
        ["no JSON"],
        ["{}"],
        [INVENTED],
        [INVENTED, ModelThrottled("Too many.")],
    ],
)
def test_the_next_model_is_asked(models, summarise, lines):
    models(lines, [GOOD])
    summary = summarise(history(*FEE))
    assert (summary.model_used, summary.fell_back) == ("secondary-1", True)
    assert {failure["provider"] for failure in summary.checks["failed"]} == {"primary"}


def test_the_next_model_does_not_read_what_the_one_before_made_of_it(models, summarise):
    _, secondary = models([INVENTED], [GOOD])
    summary = summarise(history(*FEE))
    [asked] = secondary.requests
    assert "1,300" not in str(asked.messages)
    assert [failure["provider"] for failure in summary.checks["failed"]] == ["primary", "primary"]


@pytest.mark.parametrize("line", [ModelRefused("No."), ModelTimeout("Too slow."), "no JSON", INVENTED])
def test_the_embedded_engine_is_the_last_resort(models, summarise, line):
    models([line], [line])
    summary = summarise(history(*FEE))
    assert (summary.model_used, summary.provider, summary.fell_back) == ("local-extractive", "local", True)
    assert "$1,200.50" in summary.text
    assert "cannot refund the fee" in summary.text
    assert list(Attempt.objects.filter(model="local-extractive").values_list("purpose", "run_id")) == [
        ("summarise", "ins_1")
    ]


def test_it_answers_even_when_the_time_is_up(models, summarise):
    primary, _ = models([GOOD], [GOOD])
    summary = summarise(history(*FEE), seconds=0)
    assert summary.model_used == "local-extractive"
    assert not primary.requests


def test_nothing_is_made_for_nobody(models, summarise):
    primary, _ = models([GOOD], [GOOD])
    with pytest.raises(InsightLate):
        summarise(history(*FEE), seconds=-60)
    assert not primary.requests


def test_alone_the_engine_is_no_fallback(models, summarise):
    models()
    summary = summarise(history(*FEE))
    assert (summary.model_used, summary.fell_back) == ("local-extractive", False)


def test_should_the_engine_break_what_is_known_for_sure_is_said(models, summarise, monkeypatch):
    models()
    monkeypatch.setattr("agents.providers.local.summary_make", lambda request: 1 / 0)
    summary = summarise(history(*FEE))
    assert summary.text.startswith("2 interactions from 3 May 2026 to 4 May 2026")
    assert summary.model_used == "none"


def test_without_interactions_nobody_is_asked(models, summarise):
    [primary] = models([GOOD])
    note = event("She owes us money, be careful.", "note")
    for empty in (history(), history(note)):
        assert summarise(empty).model_used == "none"
    assert not primary.requests


def test_models_elsewhere_read_tokens_for_personal_data(models, summarise):
    customer = Customer.objects.create(display_name="Efua Owusu")
    said = draft("⟨NAME_1⟩ asked to be written to at ⟨EMAIL_1⟩.")
    [primary] = models([said])
    summary = summarise(history("Efua Owusu here. Please write to efua@example.com.", customer_id=customer.pk))
    assert "efua" not in str(primary.requests[0].messages).lower()
    assert "Problem: Efua Owusu asked to be written to at efua@example.com." in summary.text


def test_what_never_changes_stands_first_and_what_others_wrote_in_blocks(models, summarise):
    [primary] = models([GOOD])
    summarise(history(*FEE), intent="billing_dispute")
    summarise(history("I want to return a lamp."))
    first, second = primary.requests[0], primary.requests[-1]
    assert first.system == second.system
    assert first.output == second.output
    events, task = (block.text for block in first.messages[0].content)
    assert events.startswith('<untrusted kind="event" n="1" at="2026-05-03T09:01+00:00" channel="email"')
    assert '<untrusted kind="reason">\nbilling dispute\n</untrusted>' in task


def test_the_version_is_known_without_a_call_and_the_intent_counts_only_when_it_says_something():
    assert prompt_version().startswith("1-1-1.")
    assert [intent_key(one) for one in ("misc", "", " Billing_Dispute ", "other")] == ["", "", "billing dispute", ""]


def test_a_long_history_is_made_to_fit_and_what_is_left_out_is_told(models, summarise):
    [primary] = models([draft("The parcel of order 4471 is late.", subject="Parcel")])
    settled = [event("We talked of number 5. " * 2_000, number=number, resolved=True) for number in (1, 2)]
    late = event("Order 4471 is late. I paid 35 EUR." + " Please hurry up." * 3_000, number=3, resolved=False)
    summary = summarise(history(*settled, late))
    [asked] = primary.requests
    assert len(asked.messages[0].content[0].text) < 3 * HISTORY_TOKENS
    assert "Order 4471 is late. I paid 35 EUR." in asked.messages[0].content[0].text
    assert summary.text.startswith("3 interactions on 3 May 2026")
    assert LEFT_OUT.format(2, 3) in summary.text
    assert summary.checks["left_out"] == 2
