"""Turns of phrase, put into words that the rest of the grammar reads."""

import re

from analytics.analyst.grammar.synonyms import REWRITES

_RULES = tuple((re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), _to) for pattern, _to in REWRITES)


def text_rewrite(text: str) -> str:
    for pattern, into in _RULES:
        text = pattern.sub(into, text)
    return text
