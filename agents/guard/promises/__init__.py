"""Promises: what a reply says that we will do, or claims that we have done, in English and in German."""

from agents.guard.promises import english, german
from agents.guard.promises.finding import Promise, is_published, is_recorded, words_flat

__all__ = ["Promise", "is_published", "is_recorded", "promises_in"]


def promises_in(sentence: str) -> list[Promise]:
    """What `sentence` promises the customer or claims to have done for them."""
    flat = words_flat(sentence)
    return [*english.promises(flat), *german.promises(flat)]
