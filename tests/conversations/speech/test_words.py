"""Spoken words as they are written, which of them are doubtful, and what an edit settles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.api import ApiAdapter
from conversations.channels.base import InboundMessage, Sender
from conversations.models import Channel
from conversations.speech.doubt import Span, doubtful_left, doubtful_spans
from conversations.speech.spoken import digits_join, fillers_drop
from conversations.speech.types import Transcript, Word


def words(text, confidence=0.9, **doubtful):
    return [Word(word, doubtful.get(word, confidence), at, at + 0.5) for at, word in enumerate(text.split())]


def said(text):
    return " ".join(word.text for word in digits_join(fillers_drop(words(text))))


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("my account is four seven one one", "my account is 4711"),
        ("four um seven uh one one", "4711"),
        ("four seven oh one please", "4701 please"),
        ("oh four seven one", "oh 471"),
        ("double nine two five", "9925"),
        ("triple zero seven", "0007"),
        ("four one one one oh oh oh oh two two two two three three three three", "4111000022223333"),
        ("one or two", "one or two"),
        ("seven of clubs", "seven of clubs"),
        ("eight of spades four of clubs", "eight of spades four of clubs"),
        ("oh oh oh no", "oh oh oh no"),
        ("double double toil", "double double toil"),
        ("one two double", "one two double"),
        ("two to three for four", "two to three for four"),
        ("the order is 4711", "the order is 4711"),
        ("um hello", "hello"),
    ],
)
def test_numbers_survive_and_fillers_do_not(spoken, written):
    assert said(spoken) == written


@given(st.lists(st.sampled_from(["four", "seven", "oh", "double", "um", "and", "zero", "for"]), max_size=20))
def test_no_digit_is_ever_lost(spoken):
    names = {"four": "4", "seven": "7", "zero": "0"}
    wanted = sum(2 if before == "double" else 1 for before, word in pairs(spoken) if word in names)
    told = said(" ".join(spoken))
    kept = sum(character.isdigit() for character in told) + sum(word in names for word in told.split())
    assert kept >= sum(word in names for word in spoken)
    assert kept <= wanted + spoken.count("oh") * 2 + spoken.count("double") * 2


def pairs(spoken):
    heard = [word for word in spoken if word != "um"]
    return zip(["", *heard], heard, strict=False)


def test_a_number_is_as_sure_as_its_least_sure_digit():
    [number] = digits_join([Word("four", 0.9, 0, 1), Word("two", 0.3, 1, 2), Word("one", 0.8, 2, 3)])
    assert number == Word("421", 0.3, 0, 3)


@pytest.mark.parametrize("kind", ["chat", "api"])
def test_cleaning_a_channels_text_keeps_numbers_and_what_stands_between(kind):
    text = "My card is 4111 1111 1111 1111, um, and the order is four seven one one"
    inbound = InboundMessage(channel=Channel(pk=kind, kind=kind), sender=Sender("visitor", "v"), text=text)
    assert ApiAdapter().clean_text(inbound) == text


# --- Doubt -----------------------------------------------------------------------------------------------------------


def doubtful(text, heard, below=0.6):
    return [text[span.start : span.end] for span in doubtful_spans(text, heard, below=below)]


def test_words_of_low_confidence_are_doubtful_and_neighbours_are_one():
    text = "what does run delivery cost"
    assert doubtful(text, words(text, run=0.2, delivery=0.5, cost=0.59)) == ["run delivery cost"]
    assert doubtful(text, words(text, does=0.1)) == []  # heard wrong, it changes little
    assert doubtful("I do not want it", words("I do not want it", **{"not": 0.3})) == ["not"]


def test_punctuation_does_not_shift_where_words_stand():
    text = "Hello, what about room four? Room five!"
    heard = words("Hello what about room four Room five", five=0.1)
    assert doubtful(text, heard) == ["five"]


def test_a_transcript_that_is_doubtful_on_the_whole_is_so_from_end_to_end():
    text = "it was the same"
    assert doubtful(text, words(text, 0.3, same=0.9)) == [text]


def test_without_confidence_nothing_is_doubtful():
    assert doubtful("blue sofa", [Word("blue", None, 0, 1), Word("sofa", None, 1, 2)]) == []
    assert Transcript("x", (Word("x", None, 0, 1),), "en", 1, "m").confidence is None


HEARD = "do you sell blows and a grey sofa"
SPANS = [Span(12, 17), Span(24, 33)]


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (HEARD, ["blows", "grey sofa"]),
        ("Do you sell BLOWS, and a grey sofa?", ["blows", "grey sofa"]),
        ("do you sell pillows and a grey sofa", ["grey sofa"]),
        ("do you sell pillows and a green sofa", ["sofa"]),
        ("do you sell pillows", []),
        ("something else entirely", []),
        ("", []),
    ],
)
def test_what_the_customer_changed_is_not_doubtful_any_more(sent, left):
    assert doubtful_left(HEARD, SPANS, sent) == left
