import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import Leniency, PhoneNumberMatcher

from agents.privacy import personal_find
from agents.privacy.kinds import PHONE_REGIONS, phones

MEASURED = {
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "PHONE_NUMBER": "PHONE",
    "IP_ADDRESS": "IP",
    "US_SSN": "NATIONAL_ID",
}


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.value) for one in personal_find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to efua.owusu+bank@mail.example.com.", "EMAIL", "efua.owusu+bank@mail.example.com"),
        ("My card is 4111 1111 1111 1111!", "CARD", "4111 1111 1111 1111"),
        ("IBAN DE89 3704 0044 0532 0130 00, please", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("It came from 203.0.113.9.", "IP", "203.0.113.9"),
        ("It came from 2001:db8::7", "IP", "2001:db8::7"),
        ("Call me: +49 (0)30 901820", "PHONE", "+49 (0)30 901820"),
        ("They do not answer at 416 60 039", "PHONE", "416 60 039"),
        ("My SSN is 853-37-1694", "NATIONAL_ID", "853-37-1694"),
        ("NINO AB 12 34 56 C", "NATIONAL_ID", "AB 12 34 56 C"),
        ("DNI 12345678Z", "NATIONAL_ID", "12345678Z"),
        ("codice fiscale RSSMRA85T10A562S", "NATIONAL_ID", "RSSMRA85T10A562S"),
    ],
)
def test_personal_data_is_recognised(text, kind, value):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    ("told", "kind", "value"),
    [
        ("My card:\n4111 1111 1111 1111", "CARD", "4111 1111 1111 1111"),
        ("Call me:\r\n+49 30 901820", "PHONE", "+49 30 901820"),
        ("Tax number\t12345678Z", "NATIONAL_ID", "12345678Z"),
        ("Pay to\nDE89370400440532013000\nplease", "IBAN", "DE89370400440532013000"),
        ("From\nefua@example.com", "EMAIL", "efua@example.com"),
    ],
)
def test_the_end_of_a_line_inside_json_hides_nothing(told, kind, value):
    assert (kind, value) in found(json.dumps({"note": told}))


def test_the_end_of_a_line_inside_json_parts_numbers():
    told = json.dumps({"note": "Call 030 901820\n030 901821\n10115 Berlin"})
    assert found(told) == [("PHONE", "030 901820"), ("PHONE", "030 901821")]


@pytest.mark.parametrize(
    "text",
    [
        "My order 4111 1111 1111 1112 has not arrived",  # no card number: its check digit is wrong
        "DE88 3704 0044 0532 0130 00",
        "DNI 12345678A",
        "We met on 2026-11-24 and on 24.11.2026",
        "Version 1.2.3 costs $1,234,567.00",
        "000-12-3456",
        "Section 12:30 to 14:00",
        "a::b",
    ],
)
def test_what_merely_looks_like_it_is_left_alone(text):
    assert found(text) == []


def test_of_what_overlaps_only_one_thing_is_found():
    assert found("call 4111111111111111 now") == [("CARD", "4111111111111111")]


@pytest.mark.data
def test_marked_personal_data_is_found_and_little_else(shared_data):
    rows = [
        json.loads(line) for line in (shared_data / "pii" / "pii_spans.jsonl").read_text("utf-8").split("\n") if line
    ]
    there, recognised, right = Counter(), Counter(), Counter()
    for row in rows:
        marked = {(MEASURED[s["type"]], s["start"], s["end"]) for s in row["spans"] if s["type"] in MEASURED}
        told = {(one.kind.value, one.start, one.end) for one in personal_find(row["text"])}
        there.update(kind for kind, *_ in marked)
        recognised.update(kind for kind, *_ in told)
        right.update(kind for kind, *_ in marked & told)
    assert sum(there.values()) == 97
    for kind in there:
        assert right[kind] / there[kind] >= 0.95, kind
        assert right[kind] / recognised[kind] >= 0.95, kind


PIECES = (
    "call ",
    "+",
    "44",
    "(0)",
    "20 7946 ",
    "0958",
    "415 555 0132",
    "-",
    ".",
    " ",
    "1",
    "x",
    "\n",
    "/",
    "2026-05-03",
)
MORE_PIECES = ("T09:12", "R", "00", "£", "(", ")", "１２３", "–", "650 253 0000", "ext. 12", "0800 1111", ":", ", ")


@given(st.lists(st.sampled_from(PIECES + MORE_PIECES), max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_number_that_the_library_would_find_is_passed_over(text):
    numbers = [
        (found.start, found.end)
        for region in PHONE_REGIONS
        for found in PhoneNumberMatcher(text, region, leniency=Leniency.VALID)
    ]
    assert set(numbers) <= set(phones(text))
