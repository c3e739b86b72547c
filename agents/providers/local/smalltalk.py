"""Messages that are nothing but thanks or a greeting."""

import re
from pathlib import Path
from typing import Literal

from agents.words import word_list, words_in

MAX_WORDS = 20

_FOLDER = Path(__file__).parent / "data"
_THANKS = word_list(_FOLDER / "words_thanks.txt")
_GREETING = word_list(_FOLDER / "words_greeting.txt")
_FILLER = word_list(_FOLDER / "words_filler.txt")
_SIGNED = re.compile(r"\n+\s*[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}\s*$")


def smalltalk_of(message: str) -> Literal["", "thanks", "greeting"]:
    """What the message is when it is nothing else; a name may stand on a last line of its own."""
    words = words_in(_SIGNED.sub("", message.strip()))
    if not words or len(words) > MAX_WORDS or re.search(r"\d", message):
        return ""
    said = set(words)
    if said & _THANKS and said <= _THANKS | _FILLER | _GREETING and "?" not in message:
        return "thanks"
    return "greeting" if said & _GREETING and said <= _GREETING | _FILLER else ""
