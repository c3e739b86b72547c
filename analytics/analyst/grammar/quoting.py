"""A refusal quotes the asker: the words as they were written, not as the grammar read them."""

import re
from collections.abc import Mapping

from analytics.analyst.grammar.tokens import words_of

_QUOTED = re.compile(r"'([^'A-Z]+)'")  # titles of ours begin with a capital letter
_SIGNS = ".,?!:;'\"()"


def words_asked(reason: str, mended: Mapping[str, str], question: str) -> str:
    """`reason` with its quotations as they stand in `question`; `mended` tells what was read as what.

    ``I do not know what 'auto' means`` becomes ``I do not know what 'auth_user' means``.
    """
    written = {read: wrong for wrong, read in mended.items()}

    def quoted(match: re.Match[str]) -> str:
        words = match[1].split()
        if words[:1] == ["by"]:  # what could be asked instead
            return match[0]
        return f"'{' '.join(dict.fromkeys(_token(written.get(word, word), question) for word in words))}'"

    said = _QUOTED.sub(quoted, reason)
    return re.sub(r"('[^']+')(?:, \1)+ mean\b", r"\1 means", said)


def _token(word: str, question: str) -> str:
    """What stands between blanks in `question` and holds `word`."""
    for token in question.split():
        if word in words_of(token):
            return token.strip(_SIGNS) or word
    return word
