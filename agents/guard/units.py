"""A reply cut into what can be judged on its own: sentences of prose, items of lists."""

import re

from agents.words import sentences_in, words_in

CITATION = re.compile(r"\s?\[(\d{1,3})\]")
LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]|\|)\s")
_MARKUP = re.compile(r"[*_`#|>]|\[(?=[^\]]*\]\()|\]\([^)]*\)")


def units_split(text: str) -> list[str]:
    """`text` cut into lines and, inside prose lines, sentences. The last part is unfinished; joined they are `text`."""
    *lines, rest = text.split("\n")
    units = [part for line in lines for part in _sentences(f"{line}\n")]
    return [*units, *(_sentences(rest) or [""])]


def _sentences(line: str) -> list[str]:
    """Sentences of a line; a citation after the full stop stays with its sentence, a list item is one unit."""
    if LIST_ITEM.match(line):
        return [line]
    parts: list[str] = []
    for part in sentences_in(line):
        if parts and (CITATION.match(part.strip()) or not words_in(part)):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def plain_text(markdown: str) -> str:
    """A unit of a reply without citations, emphasis, links and list marks."""
    text = CITATION.sub("", markdown)
    text = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", text)
    return " ".join(_MARKUP.sub(" ", text).split())
