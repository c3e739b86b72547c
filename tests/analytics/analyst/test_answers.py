"""From a question to a sentence, a table and a chart, over seeded facts of which every figure is known."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics.analyst.services import question_ask
from analytics.analyst.types import Answer, Asker
from analytics.facts.services import facts_rebuild
from conversations.models import Channel
from conversations.services.channels import channels_ensure_defaults
from tests.analytics.seeding import answered, asked, escalated

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 10, 9, tzinfo=UTC)  # a Tuesday, last week
ASKER = Asker("user:1")


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    channels_ensure_defaults()
    for number in range(3):
        answered(asked(DAY + timedelta(hours=number)))
    answered(asked(DAY + timedelta(days=1), channel="chat", category="billing"))
    escalated(asked(DAY + timedelta(days=2), channel="chat", category="billing"))
    answered(asked(DAY - timedelta(days=7)))
    facts_rebuild()
    monkeypatch.setattr(timezone, "localdate", lambda *_: NOW.date())


def ask(question: str, conversation: str = "", asker: Asker = ASKER) -> Answer:
    return question_ask(question=question, asker=asker, conversation=conversation)


def test_one_figure() -> None:
    answer = ask("How many queries did we get last week?")
    assert answer.text.startswith("Queries from 9 to 15 November 2026: 5.")
    assert answer.chart is None
    assert answer.result
    assert answer.result.table["rows"] == [[5]]
    assert answer.definitions[0]["name"] == "queries"
    assert answer.spec
    assert answer.spec.text == "How many queries did we get last week?"


def test_a_split_has_a_sentence_a_chart_of_its_rows_and_definitions() -> None:
    answer = ask("Queries by channel last week")
    assert "altogether 5. Highest: Outlook e-mail (3, 60 % of all) and Website chat (2, 40 % of all)." in answer.text
    assert answer.chart
    assert answer.chart["mark"] == "bar"
    assert [(row["first"], row["value"]) for row in answer.chart["data"]["values"]] == [
        ("Outlook e-mail", 3), ("Website chat", 2),
    ]  # fmt: skip
    assert [entry["name"] for entry in answer.definitions] == ["queries", "channel"]


def test_a_comparison_names_both_periods() -> None:
    text = ask("queries last week compared with the week before").text
    assert "In the period before (2–8 November 2026) it was 1: up 400.0 %." in text


def test_a_share_of_few_says_so_with_n() -> None:
    text = ask("escalation rate last week").text
    assert "20.0 % (n = 5)" in text
    assert "Not enough data" in text


def test_a_series_has_every_day_and_a_line() -> None:
    answer = ask("queries by day last week")
    assert answer.chart
    values = answer.chart["data"]["values"]
    assert [row["value"] for row in values] == [0, 3, 1, 1, 0, 0, 0]
    assert values[0]["time"] == "2026-11-09T00:00:00Z"
    assert "Highest: 10 November 2026 (3); lowest: 9 November 2026 (0)." in answer.text


def test_bottoms_come_first() -> None:
    answer = ask("bottom 1 channels by queries last week")
    assert answer.result
    assert [row.labels for row in answer.result.rows] == [("Website chat",)]
    assert "Lowest: Website chat (2" in answer.text


def test_a_dialogue_goes_on() -> None:
    first = ask("Queries by category last week", "board")
    assert first.conversation == "board"
    pie = ask("as a pie", "board")
    assert pie.chart
    assert pie.chart["mark"]["type"] == "arc"
    chat = ask("only chat", "board")
    assert chat.result
    assert chat.result.total.value == 2
    assert chat.chart_kind == "pie"
    assert ask("only chat", "another").result is None
    assert ask("only chat", "board", Asker("user:2")).result is None, "another's dialogue"


def test_no_pie_of_shares() -> None:
    answer = ask("pie chart of the escalation rate by channel last week")
    assert answer.chart_kind in ("bar", "table")
    assert "does not add up to a whole" in answer.text or answer.chart_kind == "table"


def test_refusals_have_a_reason_and_questions_near_by() -> None:
    for question in ("Revenue by planet", "", "x" * 501, "why did alpha fall?", "alpha next week", "; drop table x"):
        answer = ask(question)
        assert answer.text
        assert (answer.result, answer.chart, answer.spec) == (None, None, None)
        assert 1 <= len(answer.suggestions) <= 6
        for suggestion in answer.suggestions:
            assert ask(suggestion).result is not None, suggestion


def test_where_nothing_happened_there_is_no_chart() -> None:
    for question in ("queries by channel in January", "queries by channel and category in January", "alpha in January"):
        answer = ask(question)
        assert answer.result is not None
        assert answer.chart is None
        assert answer.text
    assert ask("queries by channel by day in January").result is not None


def test_a_definition_is_told() -> None:
    answer = ask("What does alpha mean?")
    assert "the share it resolved without a person" in answer.text
    assert answer.result is None
    assert "Escalation rate" in ask("help").text


def test_a_channels_title_is_data_in_the_chart() -> None:
    Channel.objects.filter(pk="chat").update(title="</script><img src=x onerror=alert(1)> datum.x & signal")
    answer = ask("Queries by channel last week")
    assert answer.chart
    text = json.dumps(answer.chart)
    assert "expr" not in text
    assert "calculate" not in text
    assert answer.chart["data"]["values"][1]["first"].startswith("</script>")
    encodings = {key: one.get("field") for key, one in answer.chart["encoding"].items() if isinstance(one, dict)}
    assert set(encodings.values()) <= {"first", "value", "second", "group", None}


def test_what_cannot_be_added_up_is_said_overall() -> None:
    assert "overall 20.0 %" in ask("escalation rate by channel last week").text
    assert "overall" in ask("median answer time by channel last week").text
    assert "altogether" not in ask("customers by channel last week").text


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How many sofas did we sell last week?", "'sell'"),
        ("Show me auth_user by channel", "'auth_user'"),
        ("queries by Colour", "'Colour'"),
    ],
)
def test_a_refusal_quotes_the_asker(question: str, quoted: str) -> None:
    answer = ask(question)
    assert answer.result is None
    assert quoted in answer.text
    for read in ("'self'", "'auto'"):
        assert read not in answer.text
