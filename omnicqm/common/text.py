"""Text as people wrote it, made safe to store, show and send on. Every door cleans with this, once.

Text is repaired, never refused: what is removed could not be seen anyway. Identifiers are the opposite: a character
that has no business there is an error, because a repaired identifier could become somebody else's.
"""

import re
import unicodedata
from typing import Any

from omnicqm.common.errors import InvalidInput

_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
# Control characters but \t and \n; overrides and isolates, which make text read other than it is; and characters that
# show nothing and serve to smuggle instructions: tags, soft hyphen, zero-width space, word joiner, invisible
# operators, annotations, BOM, noncharacters. The joiners U+200C and U+200D stay: emoji and scripts need them.
_UNSEEN_CLASS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_UNSEEN_CLASS}]")
_NOT_IN_IDENTIFIERS = re.compile(f"[{_UNSEEN_CLASS}\t\n\u200c-\u200f\u2028\u2029\ud800-\udfff]")
# The flags of Scotland and its like are a black flag with tags and a cancel tag: the one honest use of tags.
_TAGGED_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f)")
# Form feeds and escape sequences of terminals do occur in texts.
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = "".join(re.escape(chr(point)) for point in range(0x300, 0x1F000) if unicodedata.combining(chr(point)))
# Normalising takes time in the square of a run of combining marks; no script stacks more than Unicode's stream-safe 30.
_LONG_STACK = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")


def is_binary(content: bytes) -> bool:
    """Whether the start of `content` holds bytes that no text has, in UTF-8 or an encoding like Windows-1252."""
    return bool(_BINARY.search(content[:8192]))


def text_clean(text: str) -> str:
    """`text` in NFC with ``\\n`` line ends and without characters nobody can see.

    Removed: NUL and other control characters (tabs and line ends stay), lone surrogates, direction overrides, tag
    characters and their like. Joined emoji and flags are kept; the two halves of a surrogate pair become one character.
    """
    text = _LINE_ENDS.sub("\n", text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    pieces = _TAGGED_FLAG.split(text)
    pieces[::2] = [_UNSEEN.sub("", piece) for piece in pieces[::2]]
    return unicodedata.normalize("NFC", _LONG_STACK.sub(r"\1", "".join(pieces)))


def line_clean(text: str) -> str:
    """Like `text_clean`, on one line: runs of white space become one blank, none at the ends."""
    return " ".join(text_clean(text).split())


def data_clean(value: Any) -> Any:
    """JSON data with every text in it cleaned, keys included. Of two keys that become one, the later value stays."""
    if isinstance(value, str):
        return text_clean(value)
    if isinstance(value, dict):
        return {text_clean(str(key)): data_clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [data_clean(item) for item in value]
    return value


def identifier_check(value: str, *, param: str) -> str:
    """`value` without blanks at its ends.

    Raises `InvalidInput` naming `param` when it holds a character that cannot be part of an identifier: NUL and other
    control characters, line ends, lone surrogates, invisible characters.
    """
    value = value.strip(" ")
    if _NOT_IN_IDENTIFIERS.search(value):
        raise InvalidInput(f"{param} holds characters that an identifier cannot have.", param=param)
    return value
