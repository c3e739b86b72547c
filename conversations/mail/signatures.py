"""Cutting off what follows the last words a customer wrote: signature, sign-off, "Sent from my phone", disclaimer.

Only the end of a mail is looked at, and never all of it: a mail that is nothing but a signature is kept. Lines that
name an order, account or ticket stay even below the name; they are what the customer writes about.
"""

import re

from conversations.mail.words import CLOSINGS, DEVICES, SENT_FROM, THANKS

_TAIL = 40  # lines from the end in which a signature may start
_SHORT = 70  # characters of a line in a signature
_LONG_LINK = 300
_ROUNDS = 5  # closings one below the other: name, phone, disclaimer
_BLOCK = 10  # lines of a signature without a delimiter

_DELIMITER = re.compile(r"\s*(?:--|—|––|__)\s*$")
_RULE = re.compile(r"\s*[-_=*#~]{8,}\s*$")
_CONTACT = re.compile(
    r"[^\s@]+@[\w-]+\.\w|https?://|\bwww\.|(?:\+|\(|\b)\d[\d ()./-]{5,}\d|"
    r"^\s*(?:tel|phone|mobile?|fax|skype|[tfmpe])\s?[.:]",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:order|invoice|account|customer|client|ref|reference|case|ticket|contract|policy|booking|tracking|card|iban|"
    r"bestell\w*|auftrag\w*|kunden\w*|rechnung\w*|vertrag\w*|konto\w*|commande|facture|compte|pedido|factura|cuenta|"
    r"ordine|fattura|conto|encomenda|bestelling|factuur|klant\w*|ordre|konto)\b[^\d\n]{0,20}\d",
    re.IGNORECASE,
)
_IN_NAMES = frozenset(
    (
        "van",
        "von",
        "de",
        "der",
        "den",
        "da",
        "di",
        "del",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "y",
        "e",
        "&",
        "of",
        "and",
        "at",
    )
)
_NO_NAME = re.compile(
    r"\b(?:address|adresse|phone|number|nummer|details|order|delivery|shipping|billing|new|my|neue)\b", re.I
)
_POSTSCRIPT = re.compile(r"\W{0,3}(?:p\.?\s?){1,3}s\b", re.IGNORECASE)
_DASHED_NAME = re.compile(r"\s*(?:[-–—~*](?=\w)|[—–/~]\s?)([^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,3})\s*$")
_DISCLAIMER = re.compile(
    r"\s*[*_(]*(?:disclaimer|confidential|privileged|caution|legal notice|avis de confidentialit|aviso legal|"
    r"this (?:e-?mail|message|communication|information|transmission)|the (?:information|content)s?\b|"
    r"diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|este (?:mensaje|correo|e-?mail)|"
    r"questo messaggio|le informazioni|esta mensagem|dit bericht|deze e-?mail|denne e-?mail|detta meddelande)",
    re.IGNORECASE,
)
_SECRECY = re.compile(
    r"confiden|privileged|intended (?:only|solely|for)|vertraulich|destina|riservat|vertrouwelijk|fortrolig|konfiden|"
    r"unauthori[sz]ed|external sender|outside (?:of )?(?:the|your) organi[sz]ation",
    re.IGNORECASE,
)
_CLOSINGS, _THANKS = frozenset(CLOSINGS), frozenset(THANKS)


def signature_cut(lines: list[str]) -> list[str]:
    """`lines` without what closes the mail; all of them when nothing else would be left."""
    kept = _trimmed(lines)
    for _ in range(_ROUNDS):
        place = _signature_start(kept)
        if place is None or not any(line.strip() for line in kept[:place]):
            return kept
        said_below = _said_below(kept[place:])
        kept = _trimmed(kept[:place]) + said_below
        if said_below:
            return kept
    return kept


def says_nothing(lines: list[str]) -> bool:
    """Whether `lines` hold no more than what a program adds: "Sent from my phone"."""
    return all(not line.strip() or _DELIMITER.match(line) or _is_sent_from(line) for line in lines)


def _said_below(lines: list[str]) -> list[str]:
    """What the customer still says below the name: numbers to look up, questions, a postscript."""
    said, in_postscript = [], False
    for line in lines:
        in_postscript = bool(line.strip()) and (in_postscript or _POSTSCRIPT.match(line) is not None)
        if in_postscript or _REFERENCE.search(line[:_SHORT]) or line.rstrip().endswith("?"):
            said.append(line)
    return said


def _trimmed(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _signature_start(lines: list[str]) -> int | None:
    """The line a signature starts at."""
    first = max(1, len(lines) - _TAIL)
    for place in range(first, len(lines)):
        rest = [line for line in lines[place + 1 :] if line.strip()]
        if _closes(lines, place, rest):
            return place
    return None


def _closes(lines: list[str], place: int, rest: list[str]) -> bool:
    line = lines[place]
    if not line.strip():
        return False
    if _DELIMITER.match(line):
        # "-- " is the mark by convention. Without the blank it may also part two things somebody has to say.
        return line == "-- " or all(_is_short(other) or _DISCLAIMER.match(other) for other in rest)
    if _RULE.match(line):
        return _is_contact_block(rest)
    starts_paragraph = not lines[place - 1].strip()
    return (
        (_is_sent_from(line) and len(rest) <= 3)
        or _is_closing(line, rest)
        or (starts_paragraph and _is_disclaimer(lines, place))
        or (starts_paragraph and not rest and _DASHED_NAME.match(line) is not None)
        or (starts_paragraph and _is_signed_off(lines, place, [line, *rest]))
    )


def _phrase(line: str) -> str:
    return " ".join(line.strip(" \t,.!;:*_-–—").lower().replace("’", "'").split())


def _is_closing(line: str, rest: list[str]) -> bool:
    phrase = _phrase(line)
    if phrase in _CLOSINGS:
        return len(rest) <= _BLOCK and all(map(_is_short, rest))
    if phrase in _THANKS and rest:
        return (
            len(rest) <= _BLOCK and _is_name(rest[0]) and all(_is_name(other) or _has_contact(other) for other in rest)
        )
    return False


def _is_name(line: str) -> bool:
    words = line.replace(",", " ").split()
    return 1 <= len(words) <= 5 and len(line) <= 50 and all(map(_is_name_word, words)) and not _NO_NAME.search(line)


def _is_name_word(word: str) -> bool:
    """Capital first; in scripts without capitals, short."""
    first = word[0]
    return first.isupper() or word in _IN_NAMES or (first.isalpha() and not first.islower() and len(word) <= 6)


def _is_sent_from(line: str) -> bool:
    text = line.strip(" \t*_[]()<>").lower()
    if len(text) > 120 or "," in text or not text.startswith(SENT_FROM):
        return False
    return any(device in text for device in DEVICES) or "http" in text


def _is_short(line: str) -> bool:
    return len(line) <= _SHORT or (len(line) <= _LONG_LINK and " " not in line.strip())


def _has_contact(line: str) -> bool:
    return bool(_CONTACT.search(line[:_SHORT]))


def _is_contact_block(block: list[str]) -> bool:
    """Short lines, at least one of them an address, a number or a link."""
    return 0 < len(block) <= 2 * _BLOCK and all(map(_is_short, block)) and any(_has_contact(line) for line in block)


def _is_signed_off(lines: list[str], place: int, block: list[str]) -> bool:
    """A name above contact lines, or above "via mobile". Not when it was announced: "My new address is:"."""
    before = next((line for line in reversed(lines[:place]) if line.strip()), "")
    if before.rstrip().endswith((":", ",")) or not 2 <= len(block) <= _BLOCK or not _is_name(block[0]):
        return False
    if len(block) == 2 and _is_sent_from(block[1]):
        return True
    return "" not in (line.strip() for line in lines[place:]) and _is_contact_block(block)


def _is_disclaimer(lines: list[str], place: int) -> bool:
    if not _DISCLAIMER.match(lines[place]):
        return False
    paragraph = " ".join(lines[place : place + 12])[:2000]
    return bool(_SECRECY.search(paragraph))
