"""A history in a budget: what is open stays, with every amount and date of it, as long as these fit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.insights.generation.checks.dates import dates_split
from conversations.insights.generation.checks.figures import figures_in, figures_missing
from conversations.interactions.compress import event_tokens, events_compress, history_compress
from conversations.interactions.compress.shortening import Level, text_shorten
from conversations.interactions.types import History, HistoryEvent, HistoryWindow

AT = datetime(2026, 10, 2, 9, 14, tzinfo=UTC)
TALK = (
    "Dear team, I have ordered a corner sofa for our new living room and it was promised within six weeks. "
    "I like the colour very much. My neighbours have the same one. "
    "Order 4417 was to come on 3 May 2026 and I have paid 1,249.50 EUR in advance. "
    "The driver said nothing of it. The weather was fine that day. "
    "Can I have $ 75 back for the delay? "
    "Thank you for your patience and have a nice time. https://shop.example.com/orders/9f8e7d6c5b4a39281706f5e4d3c2b1a0"
)


def event(text: str = TALK, resolved: bool | None = False, number: int = 1) -> HistoryEvent:
    at = AT + timedelta(hours=number)
    return HistoryEvent(f"itr_{number}", at, "phone", "other", "delivery", text, "", resolved, str(number))


def many(*resolved: bool | None, text: str = TALK) -> list[HistoryEvent]:
    return [event(text, one, number) for number, one in enumerate(resolved)]


def tokens(events: list[HistoryEvent]) -> int:
    return sum(map(event_tokens, events))


class TestShortening:
    def test_sentences_that_say_what_it_is_about_what_is_asked_and_what_is_counted(self) -> None:
        assert text_shorten(TALK, Level.SENTENCES) == (
            "Dear team, I have ordered a corner sofa for our new living room and it was promised within six weeks. … "
            "Order 4417 was to come on 3 May 2026 and I have paid 1,249.50 EUR in advance. … "
            "Can I have $ 75 back for the delay? …"
        )

    def test_how_it_begins_and_what_stands_around_amounts_and_dates(self) -> None:
        assert text_shorten(TALK, Level.GIST) == (
            "Dear team, I have ordered a corner sofa for our new living room and it was promised within six weeks. … "
            "have the same one. Order 4417 was to come on 3 May 2026 and I have paid 1,249.50 EUR in advance. "
            "The driver said … day. Can I have $ 75 back for the delay? Thank …"
        )

    def test_amounts_and_dates_alone(self) -> None:
        assert text_shorten(TALK, Level.FACTS) == (
            "one. Order 4417 was to come on 3 May 2026 and I have paid 1,249.50 EUR in advance. … have $ 75 back for …"
        )

    def test_a_text_without_gaps_gets_no_mark(self) -> None:
        assert text_shorten("Paid 5 EUR on 3 May.", Level.FACTS) == "Paid 5 EUR on 3 May."

    def test_numbers_of_two_lines_do_not_become_one(self) -> None:
        text = "I would like of these\n4\n500 EUR for each it is"
        assert text_shorten(text, Level.FACTS) == "of these\n4\n500 EUR for each …"


class TestWhoGivesWay:
    def test_what_fits_stays_as_it_is(self) -> None:
        events = many(True, None, False)
        compressed = events_compress(events, tokens=tokens(events))
        assert compressed.events == tuple(events)
        assert (compressed.shortened, compressed.left_out, compressed.is_complete) == (0, 0, True)

    def test_what_is_settled_gives_way_first_and_the_oldest_of_it(self) -> None:
        events = many(True, True, None, False)
        compressed = events_compress(events, tokens=tokens(events) - 1)
        assert [one.text != TALK for one in compressed.events] == [True, False, False, False]

    def test_what_is_settled_goes_before_anything_of_what_is_open_but_talk(self) -> None:
        events = many(True, False, True)
        essence = replace(event(), text=text_shorten(TALK, Level.SENTENCES))
        compressed = events_compress(events, tokens=event_tokens(essence))
        assert compressed.events == (replace(events[1], text=essence.text),)
        assert (compressed.left_out, compressed.is_complete) == (2, True)

    def test_when_not_even_amounts_and_dates_fit_the_oldest_go_and_it_is_told(self) -> None:
        events = many(False, False, None)
        least = event_tokens(replace(event(), text=text_shorten(TALK, Level.FACTS)))
        compressed = events_compress(events, tokens=least)
        assert [one.id for one in compressed.events] == ["itr_1"]
        assert not compressed.is_complete

    def test_nothing_fits_into_nothing(self) -> None:
        compressed = events_compress(many(False, True), tokens=0)
        assert (compressed.events, compressed.tokens, compressed.is_complete) == ((), 0, False)

    def test_a_history_is_compressed_by_its_events(self) -> None:
        window = HistoryWindow(AT, AT, 10, ())
        history = History("cus_1", window, tuple(many(False)), {}, "digest")
        assert history_compress(history, tokens=10_000).events == history.events


AMOUNTS = st.sampled_from(["120.50 EUR", "$75", "€ 1.249,50", "1 200,00 EUR", "£ 9.99", "15 %", "300 dollars", "1,000"])
DATES = st.sampled_from(["3 May", "May 3rd, 2026", "2026-05-03", "3.5.2026", "03/05/26", "in March", "3. Mai 2026"])
LINK = "https://a.example/0123456789abcdef0123456789abcdef01234567"
TALKING = (
    "and then the parcel was late again. Why? Oh! Somebody at the desk told us, however,\nthat it; x Herr Dr. Fuchs"
)
WORDS = st.sampled_from([*TALKING.split(" "), LINK])
TEXTS = st.lists(st.one_of(WORDS, WORDS, WORDS, AMOUNTS, DATES), max_size=60).map(" ".join)
HISTORIES = st.lists(st.tuples(TEXTS, st.sampled_from([True, None, False])), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.integers(0, 1200))
def test_the_budget_is_kept_and_amounts_and_dates_of_what_may_be_open_survive(
    told: list[tuple[str, bool | None]], budget: int
) -> None:
    events = [event(text, resolved, number) for number, (text, resolved) in enumerate(told)]
    compressed = events_compress(events, tokens=budget)
    left = {one.id: one for one in compressed.events}
    assert tokens(list(compressed.events)) == compressed.tokens <= budget
    assert [one.id for one in compressed.events] == [one.id for one in events if one.id in left]
    may_be_open = [one for one in events if not one.resolved]
    if not compressed.is_complete:
        assert tokens([replace(one, text=text_shorten(one.text, Level.FACTS)) for one in may_be_open]) > budget
        return
    for one in may_be_open:
        amounts_and_dates_survive(one.text, left[one.id].text)


@pytest.mark.parametrize("level", [Level.SENTENCES, Level.GIST, Level.FACTS])
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_every_way_to_shorten_keeps_amounts_and_dates(level: Level, text: str) -> None:
    amounts_and_dates_survive(text, text_shorten(text, level))


def amounts_and_dates_survive(before: str, after: str) -> None:
    """As the checks of summaries read them, which know nothing of shortening."""
    dates, rest = dates_split(before.replace(LINK, ""))
    dates_after, rest_after = dates_split(after)
    assert {one.days for one in dates} <= {one.days for one in dates_after}
    assert figures_missing(figures_in(rest), figures_in(rest_after)) == []
