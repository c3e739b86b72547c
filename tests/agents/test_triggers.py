"""What need not be searched for is not searched for, and nothing is found or missed because of it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.triggers import Patterns, triggers_of

SOURCES = (
    r"(?<!\w)(?:(ignore|forget) (?:\w+ ){0,3}(rules?|prompts?))(?!\w)",
    r"(?<!\w)(?:system|hidden) prompts?",
    r"<\|.{0,30}\|>",
    r"(?<!\w)(?:as|if) you(?:('| a)re)?(?!\w)",
)
WORDS = ["ignore", "Forget", "all", "rules", "RULE", "system", "prompt", "<|x|>", "as", "you're", "ſystem", "ignoreyou"]
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@given(texts)
@settings(max_examples=200)
def test_several_patterns_find_what_they_would_as_alternatives_of_one(text):
    together = re.compile("|".join(SOURCES), re.IGNORECASE).search(text)
    found = Patterns(SOURCES).search(text)
    assert (found and found.span()) == (together and together.span())


@pytest.mark.parametrize(
    ("pattern", "triggers"),
    [
        ("show (your|the) prompt", {"prompt"}),
        ("(cat|dog)s?", {"cat", "dog"}),
        ("(please )?help", {"help"}),
        ("(a|the|[bc]at)", None),
        (r"\$\(", {"$"}),
        ("(fire)?(water)?", None),
    ],
)
def test_triggers_stand_in_every_match(pattern, triggers):
    assert triggers_of(pattern) == triggers


def test_patterns_may_be_made_while_others_are_searched_for():
    def make_and_find(number: int) -> bool:
        word = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
        return Patterns(SOURCES).search("quagga") is None and Patterns([word]).search(f"a {word} here") is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(make_and_find, range(200)))
