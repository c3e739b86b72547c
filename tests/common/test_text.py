"""Text is repaired at the door; identifiers are not."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicqm.common.errors import InvalidInput
from omnicqm.common.text import data_clean, identifier_check, line_clean, text_clean

any_text = st.text(st.characters(), max_size=200)  # surrogates included


@given(any_text)
def test_clean_text_can_be_stored_and_sent(text: str) -> None:
    clean = text_clean(text)
    assert "\x00" not in clean
    clean.encode()  # no lone surrogate is left


@given(any_text)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert text_clean(text_clean(text)) == text_clean(text)


@given(st.text(st.characters(categories=["L", "N", "P", "Sm", "Sc", "Zs"]), max_size=100))
def test_what_can_be_seen_stays(text: str) -> None:
    assert text_clean(text) == unicodedata.normalize("NFC", text)


@given(any_text)
def test_a_line_has_no_line_ends(text: str) -> None:
    line = line_clean(text)
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b\x07c\x1bd\x7fe\x9b", "abcde"),
        ("one\r\ntwo\rthree\u2028four\u0085five", "one\ntwo\nthree\nfour\nfive"),
        ("tab\tstays\nline too", "tab\tstays\nline too"),
        ("lone \ud800 and \udc00.", "lone  and ."),
        ("pair \ud83d\ude00", "pair 😀"),
        ("hidden\U000e0049\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065", "hidden"),
        ("over\u202eridden\u2066 isolated\u2069", "overridden isolated"),
        ("zero\u200bwidth\u2060\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        ("e\u0301", "é"),
    ],
)
def test_what_nobody_can_see_goes(dirty: str, clean: str) -> None:
    assert text_clean(dirty) == clean


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧 family",
        "❤\ufe0f",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "می\u200cخواهم",
    ],
)
def test_joined_emoji_flags_and_scripts_stay_whole(text: str) -> None:
    assert text_clean(text) == text


def test_an_endless_stack_of_accents_is_cut() -> None:
    assert len(text_clean("a" + "\u0301\u0323" * 500_000)) <= 31


def test_data_is_cleaned_in_keys_and_values_at_every_depth() -> None:
    dirty = {"a\x00": ["b\x00", {"c": "d\ud800"}], "n": 1, "t": True, "x": None}
    assert data_clean(dirty) == {"a": ["b", {"c": "d"}], "n": 1, "t": True, "x": None}


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\nb", "a\tb", "a\ud800", "a\u200bb", "a\u202eb", "a\u200db", "a\U000e0041"]
)
def test_an_identifier_with_such_characters_is_refused_by_name(bad: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        identifier_check(bad, param="user_id")
    assert refused.value.param == "user_id"


def test_an_identifier_loses_only_the_blanks_around_it() -> None:
    assert identifier_check("  Ünïcode <a@b.example>  ", param="x") == "Ünïcode <a@b.example>"


@pytest.mark.data
def test_naughty_strings_are_cleaned_without_complaint(shared_data: Path) -> None:
    lines = (shared_data / "adversarial" / "naughty_strings.jsonl").read_text().strip().split("\n")
    texts = [json.loads(line)["text"] for line in lines]
    assert texts
    for text in texts:
        clean = text_clean(text)
        clean.encode()
        assert "\x00" not in clean
        assert bool(clean.strip()) or not any(unicodedata.category(c)[0] in "LNPS" for c in text)
