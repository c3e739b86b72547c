"""The bar: what an address means, and what is said of one that means nothing."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from analytics.catalogue.metrics import METRICS
from analytics.dashboards.state import state_read
from analytics.querying import Compare, Filter, Grain, Period

pytestmark = pytest.mark.usefixtures("figures")


def read(query: str):
    return state_read(QueryDict(query))


def test_without_anything_it_is_the_last_thirty_days() -> None:
    reading = read("")
    today = timezone.localdate()
    assert (reading.state.period, reading.problems) == (Period(today - timedelta(days=29), today), ())
    assert (reading.state.query, reading.state.grain) == ("", Grain.DAY)


@pytest.mark.parametrize(
    "query",
    [
        "period=7d",
        "period=last_month&compare=previous_year",
        "period=custom&from=2026-03-01&to=2026-03-31&compare=previous_period",
        "channel=outlook&channel=chat&category=returns&model=nova&prompt_version=v1",
        "channel=-&reason=no_knowledge",
    ],
)
def test_the_address_holds_the_whole_state(query: str) -> None:
    reading = read(query)
    assert reading.problems == ()
    assert sorted(reading.state.query.split("&")) == sorted(query.split("&"))
    assert read(reading.state.query).state == reading.state


@pytest.mark.parametrize(
    ("query", "said", "nearest"),
    [
        ("period=fortnight", "There is no period “fortnight”", ""),
        ("period=custom", "needs a first and a last day", ""),
        ("period=custom&from=2026-02-30&to=2026-03-02", "“2026-02-30” is no day for 'from'", None),
        ("from=2026-03-05&to=2026-03-01", "swapped", "period=custom&from=2026-03-01&to=2026-03-05"),
        ("from=2020-01-01&to=2026-03-01", "at most 1,100 days", None),
        ("from=1066-10-14&to=1066-10-14", "begins on 2000-01-01", None),
        ("compare=yesteryear", "There is no comparison “yesteryear”", ""),
        ("compare=previous_week", "Known: previous_period, previous_year.", ""),
        ("compare=previous_month", "There is no comparison “previous_month”", ""),
        ("channel=outlok", "No channel is called “outlok”: it was left out. Near: outlook.", ""),
        ("model=%00%0A<script>&channel=chat", "No model is called", "channel=chat"),
    ],
)
def test_what_cannot_be_meant_is_said_and_the_nearest_is_shown(query: str, said: str, nearest: str | None) -> None:
    reading = read(query)
    assert len(reading.problems) == 1
    assert said in reading.problems[0]
    if nearest is not None:
        assert reading.state.query == nearest
    assert read(reading.state.query).problems == ()


def test_a_period_does_not_go_beyond_today() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    reading = read(f"from={tomorrow}&to={tomorrow}")
    assert reading.state.period == Period(timezone.localdate(), timezone.localdate())
    assert "after today" in reading.problems[0]


def test_a_filter_holds_for_what_knows_it() -> None:
    state = read("channel=chat&model=nova").state
    assert state.filters_for(METRICS["queries"]) == (Filter("channel", ("chat",)), Filter("model", ("nova",)))
    assert state.filters_for(METRICS["insights"]) == (Filter("model", ("nova",)),)
    assert state.ignored_by(METRICS["insights"]) == ("channel",)


def test_a_value_is_chosen_and_let_go_by_the_same_click() -> None:
    state = read("channel=outlook&compare=previous_period").state
    chat = state.toggled("channel", "chat")
    assert (chat.filters["channel"], chat.compare) == (("chat",), Compare.PREVIOUS)
    assert "channel" not in chat.toggled("channel", "chat").filters


@pytest.mark.parametrize(
    ("first", "last", "grain"),
    [
        ("2026-03-01", "2026-03-02", Grain.HOUR),
        ("2026-03-01", "2026-04-30", Grain.DAY),
        ("2026-03-01", "2026-06-30", Grain.WEEK),
        ("2024-03-01", "2026-02-28", Grain.MONTH),
    ],
)
def test_steps_are_as_fine_as_a_chart_can_show(first: str, last: str, grain: Grain) -> None:
    state = read(f"from={first}&to={last}").state
    assert state.period == Period(date.fromisoformat(first), date.fromisoformat(last))
    assert state.grain is grain
