"""Small rules about lines that several parsers share."""

import re

WRAP_WIDTH = 55  # characters: a line at least so long was broken by a margin, not by its writer
MAX_URL = 80

_BULLET = re.compile(r"\s*(?:[•●◦▪■*–—-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_ENDING = re.compile(r"[.!?:;…\"”)\]]\s*$")
_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])[-\u00ad]$")


def is_item(line: str) -> bool:
    """Whether a line begins with a bullet or a number."""
    return _BULLET.match(line) is not None


def unwrap(text: str) -> str:
    """Join lines that a margin broke: ``a long line that goes\\non here`` becomes one line, an address stays."""
    joined: list[str] = []
    width = 0
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        if joined and _goes_on(joined[-1], width, line):
            joined[-1] = _join(joined[-1], line)
        else:
            joined.append(line)
        width = len(line)
    return "\n".join(joined)


def _goes_on(before: str, width: int, line: str) -> bool:
    return width >= WRAP_WIDTH and not _ENDING.search(before) and not is_item(line)


def _join(before: str, line: str) -> str:
    if _HYPHEN.search(before) and line[:1].islower():
        return before[:-1] + line
    return f"{before} {line}"


def link_text(text: str, url: str) -> str:
    """A link as readable text: its address follows in brackets when it can be opened from anywhere."""
    address = url.removeprefix("mailto:").removeprefix("tel:")
    absolute = url.startswith(("http://", "https://", "mailto:", "tel:"))
    if not absolute or len(address) > MAX_URL or address.rstrip("/") in text or not text.strip():
        return text
    return f"{text} ({address})"
