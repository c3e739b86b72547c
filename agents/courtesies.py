"""Courtesies: what a reply may say without a source, and the two replies that consist of nothing else."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from agents.words import STOP_WORDS, word_list, words_in

FILE = Path(__file__).parent / "data" / "courtesies.txt"
MOST_QUOTED, MOST_QUOTED_CHARS = 3, 80  # words that were not heard surely
SLOTS = Path(__file__).parent / "data" / "courtesy_slots.txt"

# Sent as they are, whatever model assessed the message, so that nothing can be claimed without a source.
TEMPLATES: Mapping[str, str] = {
    "thanks": "You are welcome. If anything else comes up, just reply to this message.",
    "greeting": "Thank you for your message. How can we help you?",
}
# "About the travel card:" names a matter and says nothing of it.
_LEAD_IN = re.compile(r"(?:about|on|regarding|concerning|as for)\b[^.!?;\n]{1,160}:", re.IGNORECASE)
_GREETS = re.compile(r"(?:hello|hi|dear|good (?:morning|afternoon|evening)|greetings)\b", re.IGNORECASE)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(re.compile(line, re.IGNORECASE) for line in lines if line and not line.startswith("#"))


def is_courtesy(sentence: str, salutation: str = "") -> bool:
    """Whether `sentence` (without markup) states nothing: a courtesy of the list, the salutation, or a lead-in."""
    bare = sentence.strip().strip('.,!?:"').replace("’", "'").strip()
    if not bare or bare == salutation.strip().strip(".,!:").strip():
        return True
    if re.search(r"\d", bare):
        return False
    return bool(_LEAD_IN.fullmatch(sentence.strip())) or any(pattern.fullmatch(bare) for pattern in _patterns())


@cache
def vocabulary() -> frozenset[str]:
    """The words courtesies are made of."""
    return frozenset(words_in(FILE.read_text(encoding="utf-8"))) | STOP_WORDS | word_list(SLOTS)


def courtesy_reply(kind: str, salutation: str = "") -> str:
    """The fixed reply to a message that is nothing but thanks or a greeting."""
    return f"{salutation}\n\n{TEMPLATES[kind]}" if salutation else TEMPLATES[kind]


def unheard_question(phrases: Sequence[str], salutation: str = "") -> str:
    """The question back for words that were not heard surely. It names them, and guesses nothing."""
    named = [f"“{' '.join(phrase.split())[:MOST_QUOTED_CHARS]}”" for phrase in phrases[:MOST_QUOTED]]
    heard = " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
    text = f"I am not sure that I heard you right. Did you say {heard}? Please say it again, or type what you meant."
    return f"{salutation}\n\n{text}" if salutation else text


def salutation_line(salutation: str) -> str:
    """The first line of a reply: what the caller gave, or "Hello" before it when it is only a name."""
    name = " ".join(salutation.split())[:100].rstrip(",!.: ")
    if not name:
        return ""
    return f"{name}," if _GREETS.match(name) else f"Hello {name},"
