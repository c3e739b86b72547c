"""Spoken words as they are written: without fillers, digits said one by one as a number.

Carefully: a filler is never part of a number, and what might be a word ("to", "for", a lone "oh") is left alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from conversations.speech.types import Word

FILLERS = frozenset({"um", "umm", "uh", "uhm", "uhh", "erm", "hmm", "mmm"})
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {name: str(digit) for digit, name in enumerate(_NAMES)}
OH = {"oh", "o", "o."}  # zero, between digits only
TIMES = {"double": 2, "triple": 3}
FEWEST = 3  # "one or two", "four seven": below this it may be anything


def fillers_drop(words: Iterable[Word]) -> list[Word]:
    return [word for word in words if word.text.casefold().strip(".,") not in FILLERS]


def digits_join(words: Sequence[Word]) -> list[Word]:
    """Runs of at least three digits said one by one become one word: "four seven oh one" is 4701."""
    joined: list[Word] = []
    for is_number, run in groupby(words, key=_may_be_digit):
        said = list(run)
        joined += _number(said) if is_number else said
    return joined


def _may_be_digit(word: Word) -> bool:
    said = word.text.casefold()
    return said in DIGITS or said in OH or said in TIMES


def _number(run: list[Word]) -> list[Word]:
    """What is no digit at the ends of `run` stays as it was said."""
    start = next((at for at, word in enumerate(run) if word.text.casefold() not in OH), len(run))
    middle, rest = _tail_split(run[start:])
    digits = "".join(_digits([word.text.casefold() for word in middle]))
    if len(digits) < FEWEST or sum(word.text.casefold() in DIGITS for word in middle) < 2:
        return run
    told = [word.confidence for word in middle if word.confidence is not None]
    number = Word(digits, min(told, default=None), middle[0].start, middle[-1].end)
    return [*run[:start], number, *rest]


def _tail_split(run: list[Word]) -> tuple[list[Word], list[Word]]:
    """A "double" that doubles nothing belongs to what follows."""
    end = len(run)
    while end and run[end - 1].text.casefold() in TIMES:
        end -= 1
    return run[:end], run[end:]


def _digits(said: list[str]) -> Iterator[str]:
    times = 1
    for name in said:
        if name in TIMES:
            times = TIMES[name]
        else:
            yield DIGITS.get(name, "0") * times
            times = 1
