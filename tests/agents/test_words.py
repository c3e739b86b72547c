from hypothesis import given
from hypothesis import strategies as st

from agents.words import content_words, numbers_in, sentences_in


@given(st.text())
def test_sentences_are_the_text_again(text):
    assert "".join(sentences_in(text)) == text


def test_sentences_end_where_a_reader_would_end_them():
    text = "It costs $5.50 (e.g. for Mr. Smith). Is that all? Yes! See no. 5 below."
    assert [part.strip() for part in sentences_in(text)] == [
        "It costs $5.50 (e.g. for Mr. Smith).",
        "Is that all?",
        "Yes!",
        "See no. 5 below.",
    ]


def test_only_words_with_a_meaning_of_their_own_count():
    assert content_words("We don't charge the bank's customers any fees") == {"charg", "bank", "custom", "fee"}


def test_numbers_are_compared_by_value():
    assert numbers_in("$1,000.00 and 07, 12.5%") == {"1000", "7", "12.5"}
