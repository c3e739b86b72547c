"""Telling the customer's lines from the thread they answer.

Works on lines, from the top: the first thing a mail program puts above an earlier mail ends the customer's words,
unless quoting marks show that answers stand between the quotes. Every rule looks at a bounded number of lines, so the
time is linear in the mail.
"""

import re
from dataclasses import dataclass

from conversations.mail.markup import QUOTED, THREAD
from conversations.mail.words import ATTRIBUTION_VERBS, FORWARD_OPENINGS, HEADER_ROLES, SEPARATORS, VERBS_BEFORE_NAME

_LONGEST = 400  # characters of an attribution
_SPAN = 6  # lines an attribution may be wrapped over
_BLOCK_SPAN = 14  # lines a block of headers may take
_WRAPPED = 60  # characters from which a quoted line may have been wrapped by a mail program

_ROLES = {name: role for role, names in HEADER_ROLES.items() for name in names}
_HEADER = re.compile(r"[*_ ]*([^\W\d_][\w '’.-]{0,24}?)[*_]*\s?[:：]([^/].*|)$")
_ADDRESS = re.compile(r"[^\s<>@:]+@[\w.-]+\w")
_DATE_FIRST = re.compile(r"\W{0,3}(?:[^\s\d]+\s+){0,2}[^\s\d]{0,6}\d")
_DIGIT_SOON = re.compile(r"\W{0,3}(?:[^\s\d]+\s+){0,4}[^\s\d]{0,6}\d")
_MOMENT = re.compile(
    r"(?:19|20)\d\d|\d{1,2}[:.h]\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}(?:st|nd|rd|th|\.)? [^\W\d]{3,}|\d月"
)
_VERB = "|".join(re.escape(verb) for verb in ATTRIBUTION_VERBS)
_VERB_LAST = re.compile(rf"(?:{_VERB})\s*[:：]?\s*$", re.IGNORECASE)
_VERB_INSIDE = re.compile(rf"\s(?:{'|'.join(VERBS_BEFORE_NAME)})\s+.{{1,200}}$", re.IGNORECASE)
_ADDRESS_LAST = re.compile(r"[<(\[]\s*[^<>\s]+@[^<>\s]+\s*[>)\]]+\s*[:：]\s*$")
# The verb follows a name or an address: "your colleague wrote:" is a person's sentence.
_NAMED_VERB = re.compile(
    rf"(?:[>)\]\"'”]|@[\w.-]+|(?<!\S)[A-ZÀ-ÞΑ-ΩА-Я\u3040-\u9fff\uac00-\ud7a3][^\s:]*)\s*(?:{_VERB})\s*[:：]?\s*$"
)
_ADDRESSED_VERB = re.compile(rf"@[\w.-]+\s*[>)\]]+\s*(?:{_VERB})\s*[:：]?\s*$", re.IGNORECASE)
_GLUED = re.compile(r"^(.*?)-{3,}\s+(?=\S+\s.{8,}[:：]\s*$)")
_RULE = re.compile(r"[\s>]*[-_=*–—]{3,}\s*$")
_SEPARATOR = re.compile(r"[\s>]*([-_=*]{2,})\s*([^-_=*\s].{0,60}?)\s*[-_=*:]*\s*$")
_SEPARATORS = tuple(SEPARATORS)


@dataclass(frozen=True)
class _Break:
    """What a mail program wrote above an earlier mail, to before line `end`; `before` is the writer's on its line."""

    end: int
    before: str = ""
    attribution: bool = False


def quotes_cut(text: str) -> list[str]:
    """The lines of `text` that are not quoted from earlier mails. There may be none."""
    lines = text.split("\n")
    kept: list[str] = []
    quoted = False
    place = 0
    while place < len(lines):
        found = _break_at(lines, place)
        if found is None:
            if _is_quoted(lines, place, announced=quoted):
                quoted = True
            else:
                kept.append(lines[place])
            place += 1
            continue
        if found.before:
            kept.append(found.before)
        if not (found.attribution and _next_is_quoted(lines, found.end)):
            return _rules_drop(kept)
        quoted, place = True, found.end
    return _rules_drop(kept) if quoted else kept


def quote_marks_remove(text: str) -> str:
    """`text` with the quoted lines as if they were not."""
    return "\n".join(_unmarked(line) for line in text.split("\n") if line != THREAD)


def _unmarked(line: str) -> str:
    return line.lstrip(f"{QUOTED}> \t") if line.lstrip(" \t")[:1] in ("", ">", QUOTED) else line


def _starts_quoted(line: str) -> bool:
    return line.lstrip(" \t")[:1] in (">", QUOTED)


def _next_is_quoted(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place : place + 4] if line.strip()), "")
    return _starts_quoted(following)


def _is_quoted(lines: list[str], place: int, *, announced: bool) -> bool:
    line = lines[place]
    if line.startswith(QUOTED):
        return True
    if not _starts_quoted(line):
        return _is_wrapped_quote(lines, place)
    return announced or not _stands_alone(lines, place)


def _stands_alone(lines: list[str], place: int) -> bool:
    """A single line with ">" between unquoted lines, with nothing that announces a quote, is the writer's own."""
    around = lines[place - 1 : place] + lines[place + 1 : place + 2]
    return (
        place > 0
        and len(around) == 2
        and not any(_starts_quoted(line) for line in around)
        and all(line.strip() for line in around)
    )


def _is_wrapped_quote(lines: list[str], place: int) -> bool:
    """A mail program broke a long quoted line and its rest lost the mark: an answer would not start like that."""
    if place == 0 or place + 1 >= len(lines) or not lines[place].strip():
        return False
    before, after = lines[place - 1], lines[place + 1]
    if not (_starts_quoted(before) and _starts_quoted(after)):
        return False
    goes_on = not (lines[place][:1].isupper() or lines[place][:1].isdigit())
    return goes_on and (len(before) >= _WRAPPED or before.rstrip()[-1:] not in ".?!>")


def _break_at(lines: list[str], place: int) -> _Break | None:
    line = lines[place]
    if line.startswith(THREAD):
        return _Break(place + 1)
    if not line.strip() or line.startswith(QUOTED) or len(line) > _LONGEST:
        return None
    if _is_separator(lines, place) or _is_header_block(lines, place):
        return _Break(place + 1)
    return _attribution_at(lines, place)


def _is_separator(lines: list[str], place: int) -> bool:
    line = lines[place].strip("> \t*")
    if line.rstrip(" :").lower() in FORWARD_OPENINGS:
        return line.endswith(":") or _header_follows(lines, place)
    match = _SEPARATOR.match(lines[place])
    if match is None:
        return False
    return match[2].lower().startswith(_SEPARATORS) or _header_follows(lines, place)


def _header_follows(lines: list[str], place: int) -> bool:
    following = [line for line in lines[place + 1 : place + 4] if line.strip(" >\t")]
    return bool(following) and _header_role(following[0]) is not None


def _header_role(line: str) -> tuple[str, str] | None:
    """Role and value of a line like "Subject: refund"."""
    match = _HEADER.match(line.lstrip("> \t")[:_LONGEST])
    role = _ROLES.get(" ".join(match[1].lower().split())) if match else None
    return (role, match[2]) if match and role else None


def _is_header_block(lines: list[str], place: int) -> bool:
    """Whether the headers of an earlier mail start here.

    A person may well write "From: Berlin, To: Paris, Date: Monday": it takes an address or a subject, too.
    """
    if _header_role(lines[place]) is None:
        return False
    roles, others, block = set(), 0, lines[place : place + _BLOCK_SPAN]
    for line in block:
        header = _header_role(line)
        if header is not None:
            roles.add(header[0])
            others = 0
        elif line.strip("> \t"):
            others += 1
        if others > 1:
            break
    if "from" not in roles or len(roles & {"date", "to", "subject"}) < 2:
        return False
    return "subject" in roles or any(_ADDRESS.search(line[:_LONGEST]) for line in block)


def _attribution_at(lines: list[str], place: int) -> _Break | None:
    """ "On 3 May 2026 at 10:00, Ada Winter <ada@example.com> wrote:", perhaps wrapped over lines."""
    glued = _GLUED.match(lines[place])
    first = lines[place][glued.end() :] if glued else lines[place]
    if not (_DIGIT_SOON.match(first) and _MOMENT.search(first)) and not _ADDRESS.search(first):
        return None
    joined = ""
    for end in range(place, min(place + _SPAN, len(lines))):
        piece = first if end == place else lines[end]
        if len(joined) > _LONGEST or (end > place and not _goes_on(joined, lines[end - 1], piece)):
            return None
        joined = f"{joined} {piece.strip(' >')}".strip()
        if piece.strip() and _is_attribution(joined, _next_is_quoted(lines, end + 1)):
            return _Break(end + 1, before=glued[1].rstrip() if glued else "", attribution=True)
    return None


def _goes_on(joined: str, before: str, piece: str) -> bool:
    """Whether `piece` may be the next line of a wrapped attribution: no sentence ended, no quoted line began."""
    if joined.endswith((".", "!", "?", "。")) or piece.startswith(QUOTED):
        return False
    if _starts_quoted(piece):
        return "<" in joined and ">" not in joined.rpartition("<")[2]
    return not piece.strip() or bool(before.strip()) or piece.lstrip().startswith("<")


def _is_attribution(line: str, quote_follows: bool) -> bool:
    line = line.rstrip()
    ends = line.endswith((":", "："))
    has_address, has_moment = bool(_ADDRESS.search(line)), bool(_MOMENT.search(line))
    if has_address and has_moment and _ADDRESS_LAST.search(line) and _DATE_FIRST.match(line):
        return True
    lowered = line.lower()  # looking for plain strings first is a hundred times as fast
    if not any(verb in lowered for verb in ATTRIBUTION_VERBS):
        return False
    if _ADDRESSED_VERB.search(line):
        return True
    if not (has_moment and ends):
        return False
    if _NAMED_VERB.search(line) or (quote_follows and _VERB_LAST.search(line)):
        return True
    return (has_address or quote_follows) and bool(_VERB_INSIDE.search(line))


def _rules_drop(lines: list[str]) -> list[str]:
    """Without the blank lines and drawn rules that end at a quote."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1])):
        end -= 1
    return lines[:end]
