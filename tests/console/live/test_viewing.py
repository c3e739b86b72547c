"""Who views what, among processes: kept in a real Valkey."""

import time

import pytest

from omnicqm.console.live import viewing
from omnicqm.console.live.standing import Person
from omnicqm.console.live.viewing import KEY, Shared, Viewer, together

ROBIN, ALEX = Person(1, "Robin Hale", "RH"), Person(2, "Alex Morgan", "AM")


def test_each_process_hears_of_the_pages_of_the_others(valkey):
    one, other = Shared(), Shared()
    assert one.exchange({"p1": Viewer("esc_a", ROBIN)}) == []
    assert other.exchange({"p2": Viewer("esc_a", ALEX)}) == [Viewer("esc_a", ROBIN)]
    assert one.exchange({"p1": Viewer("esc_a", ROBIN, typing=True)}) == [Viewer("esc_a", ALEX)]
    assert other.exchange({}) == [Viewer("esc_a", ROBIN, typing=True)]


def test_a_page_that_left_is_gone_for_the_others_at_once(valkey):
    one, other = Shared(), Shared()
    one.exchange({"p1": Viewer("esc_a", ROBIN)})
    one.exchange({})
    assert other.exchange({}) == []


def test_the_pages_of_a_process_that_died_vanish_by_themselves(valkey, monkeypatch):
    monkeypatch.setattr(viewing, "HOLDS_SECONDS", 0.3)
    Shared().exchange({"p1": Viewer("esc_a", ROBIN)})
    other = Shared()
    assert other.exchange({}) == [Viewer("esc_a", ROBIN)]
    time.sleep(0.5)
    assert other.exchange({}) == []
    assert valkey.hlen(KEY) == 0, "nothing piles up"


@pytest.mark.parametrize(
    "value", ["", "[]", "{}", "[1,2,3,4,5,6]", "[1,2,3,4,5,6,7]", '["esc_a","x","n","i",1e12]', "\x00", "null"]
)
def test_what_nobody_of_us_wrote_is_passed_over(valkey, value):
    valkey.hset(KEY, "p9", value)
    assert Shared().exchange({}) == []


def test_without_valkey_there_are_the_own_pages(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert Shared().exchange({"p1": Viewer("esc_a", ROBIN)}) == []
    assert "console_viewers_not_shared" in caplog.text


def test_a_person_counts_once_however_many_tabs_they_have():
    viewers = [Viewer("esc_a", ROBIN), Viewer("esc_a", ROBIN), Viewer("esc_a", ALEX), Viewer("esc_b", ROBIN)]
    assert together(viewers) == {"esc_a": {ROBIN: False, ALEX: False}, "esc_b": {ROBIN: False}}


def test_who_types_in_one_of_their_tabs_is_typing_there_and_nowhere_else():
    viewers = [Viewer("esc_a", ROBIN, typing=True), Viewer("esc_a", ROBIN), Viewer("esc_b", ROBIN)]
    assert together(viewers) == {"esc_a": {ROBIN: True}, "esc_b": {ROBIN: False}}
