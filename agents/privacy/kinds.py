"""What personal data looks like: one recogniser a kind, each a shape and, where one exists, a check of its digits.

Sources: card numbers ISO/IEC 7812 (Luhn), IBAN ISO 13616 (mod 97), telephone numbers of the `phonenumbers` library,
national ids as their issuers publish them (US SSN, UK NINO, Spanish DNI and NIE, French NIR, Italian codice fiscale).
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from phonenumbers import Leniency, PhoneNumberMatcher

# Numbers written without a country code are read as numbers of these regions.
PHONE_REGIONS = ("US", "GB")
_PHONE_WORDS = r"\b(?:(?:tele)?phones?|fax|mobile|cell|handy|tel|call(?:ed|ing)?|ring|dial|reach|answer(?:ing)?)\b"
_WORD_BEFORE = re.compile(_PHONE_WORDS, re.IGNORECASE)
_WORD_AFTER = re.compile(rf"{_PHONE_WORDS}|^[\s(-]*office\b", re.IGNORECASE)
_NEAR = 25  # characters between a number and the word that makes it a telephone number

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24}\b")
# Patterns that begin with what few letters are, and look back from there, are the ones Python searches for fast.
_CARD = re.compile(r"\d(?<![\w+-]\d)(?:[ -]?\d){11,18}(?![\w-])")
_IBAN = re.compile(r"[A-Z](?<!\w[A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
_V4_PART, _V6_PART = re.compile(r"\.\d{1,3}\."), re.compile(r":[0-9A-Fa-f]{0,4}:")  # what no address is without
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:]|\.\d)", re.IGNORECASE
)
_GROUPED = re.compile(r"(?<![\w.+(-])\+?\(?\d{1,15}\)?(?:(?:[ ./-]{1,2}\(?|\(|(?<=\)))\d{1,7}\)?){0,6}(?!\w|[.,]\d)")
_MARK = r"[^\w\n:,;!?$%&=<>@#*\"']"
_GAP = rf"{_MARK}{{0,4}}+[xX]?{_MARK}{{0,4}}+"
_DIGITS = re.compile(rf"\d(?:{_GAP}\d){{5,}}+")  # no number has fewer than six
_ENOUGH_DIGITS = re.compile(rf"(?<![A-Za-z\d])\d(?:{_GAP}\d){{5}}")
_MARKS_BEFORE = re.compile(rf"{_MARK}{{1,8}}\Z")
_EXTENSION_CHARS = 30  # as in "ext. 12"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")  # as in the head of an event; no number ends before a letter
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})")
_NATIONAL = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<ssn>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})"
    r"|(?P<nino>[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])"
    r"|(?P<dni>[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z])"
    r"|(?P<nir>[12] ?\d{2} ?(?:0[1-9]|1[0-2]|20) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2})"
    r"|(?P<fiscale>[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])"
    r")(?![\w-])"
)
_NATIONAL_DIGITS = re.compile(r"\d\d(?: ?\d\d ?\d|\d-\d\d-\d|[A-EHLMPRST]\d\d)")  # which none is without
_BEFORE_NATIONAL = 6  # letters at most before these digits
_LONGEST_NATIONAL = 21
_WITH_COUNTRY = re.compile(r"\+\d+(?: \d+)*+(?=[.,;!?)]*+(?:\s|\Z))")
_DIGIT = re.compile(r"\d")
_OPENING = re.compile(r"[(\[（［+＋]")
Span = tuple[int, int]


class Kind(StrEnum):
    EMAIL = "EMAIL"
    IBAN = "IBAN"
    CARD = "CARD"
    NATIONAL_ID = "NATIONAL_ID"
    IP = "IP"
    PHONE = "PHONE"


def emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text)) if "@" in text else iter(())


def cards(text: str) -> Iterator[Span]:
    return (match.span() for match in _CARD.finditer(text) if luhn_holds(match[0]))


def ibans(text: str) -> Iterator[Span]:
    """The longest valid IBAN from each place that looks like the start of one: the shape alone runs into next words."""
    for match in _IBAN.finditer(text):
        for end in range(match.end(), match.start() + 14, -1):
            if text[end - 1] != " " and iban_holds(text[match.start() : end]):
                yield match.start(), end
                break


def ips(text: str) -> Iterator[Span]:
    if not (_V4_PART.search(text) or _V6_PART.search(text)):
        return iter(())
    return (match.span() for match in _IP.finditer(text) if _is_ip(match[0]))


def national_ids(text: str) -> Iterator[Span]:
    for match in _national(text):
        check = _CHECKS.get(match.lastgroup or "")
        if check is None or check(match[0]):
            yield match.span()


def phones(text: str) -> Iterator[Span]:
    """What `phonenumbers` takes for a valid number, and digits after a plus sign or beside a word such as "call"."""
    runs = list(_DIGITS.finditer(text))
    called = [match.span() for match in _grouped(text, runs) if _is_called_phone(text, match)]
    yield from called
    for start, end, place in _phone_places(text, runs):
        if not any(_is_all_of(span, text, start, place) for span in called):
            for region in PHONE_REGIONS:
                for found in PhoneNumberMatcher(place, region, leniency=Leniency.VALID):
                    if start + found.start < end:
                        yield start + found.start, start + found.end


def _grouped(text: str, runs: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """What looks like a number in groups: its digits are in one of the `runs`, and up to two marks stand before it.
    The pattern sees as much of what follows a run as it asks for, and may not begin there."""
    end = 0
    for run in runs:
        for match in _GROUPED.finditer(text, max(run.start() - 2, end), run.end() + 3):
            if match.start() >= run.end():
                break
            end = match.end()
            yield match


def _is_all_of(span: Span, text: str, start: int, place: str) -> bool:
    """Whether the telephone number at `span`, written with its country's code, is all that `phonenumbers` could find
    in `place`, which begins at `start`: no other digits, nothing else that opens a number or ends one. Most numbers
    are written so, and it would take longer over one than all else that is looked for in a history."""
    plain = _WITH_COUNTRY.match(text, span[0])
    if plain is None or plain.span() != span or not start <= span[0] < span[1] <= start + len(place):
        return False
    before, after = place[: span[0] - start], place[span[1] - start :]
    return not (_OPENING.search(before) or _DIGIT.search(before + after) or "#" in after)


def _phone_places(text: str, runs: Iterable[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """The parts of `text` that `phonenumbers` has to look at, with where they begin and where their digits end.

    None of its numbers has fewer digits, goes on over other marks or begins behind a letter. It takes far longer to
    find nothing than these patterns do.
    """
    for run in runs:
        marks = _MARKS_BEFORE.search(text[max(run.start() - 8, 0) : run.start()])
        start = max(run.start() - len(marks[0] if marks else "") - 1, 0)
        if _ENOUGH_DIGITS.search(_TIME.sub("", text[start : run.end() + 1])):
            yield start, run.end(), text[start : run.end() + _EXTENSION_CHARS]


FINDERS: dict[Kind, Callable[[str], Iterator[Span]]] = {
    Kind.EMAIL: emails,
    Kind.IBAN: ibans,
    Kind.NATIONAL_ID: national_ids,
    Kind.CARD: cards,
    Kind.IP: ips,
    Kind.PHONE: phones,
}


def _national(text: str) -> Iterator[re.Match[str]]:
    """What looks like a national id: searched for only around digits that one has, for the pattern is slow. What
    begins behind them is found by its own, and here perhaps not seen to its end."""
    end = 0
    for digits in _NATIONAL_DIGITS.finditer(text):
        start = max(digits.start() - _BEFORE_NATIONAL, end)
        for match in _NATIONAL.finditer(text, start, digits.end() + _LONGEST_NATIONAL + 1):
            if match.start() > digits.end():
                break
            end = match.end()
            yield match


def luhn_holds(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return any(digits) and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban_holds(text: str) -> bool:
    written = text.replace(" ", "")
    turned = written[4:] + written[:4]
    return 15 <= len(written) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(letter.isdigit() for letter in text)  # "a::b" is a name in some languages


def _dni_holds(text: str) -> bool:
    number = text.replace("-", "").translate(str.maketrans("XYZ", "012", ""))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:-1]) % 23] == text[-1]


def _nir_holds(text: str) -> bool:
    digits = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits[:-2]) % 97 == int(digits[-2:])


_CHECKS: dict[str, Callable[[str], bool]] = {"dni": _dni_holds, "nir": _nir_holds}


def _is_called_phone(text: str, match: re.Match[str]) -> bool:
    count = sum(letter.isdigit() for letter in match[0])
    if not 7 <= count <= 15 or _DATE.fullmatch(match[0].strip()):
        return False
    if match[0].startswith("+"):
        return True
    before, after = text[max(0, match.start() - _NEAR) : match.start()], text[match.end() : match.end() + _NEAR]
    return bool(_WORD_BEFORE.search(before) or _WORD_AFTER.search(after))
