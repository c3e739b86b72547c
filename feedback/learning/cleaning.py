"""Texts of customers and consultants without what is personal in them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.privacy import Vault
from agents.providers.local.text import sentences_of
from omnicqm.common.text import line_clean

PLACEHOLDERS: Mapping[str, str] = {
    "NAME": "[name]",
    "ADDRESS": "[address]",
    "ACCOUNT": "[account number]",
    "EMAIL": "[e-mail address]",
    "PHONE": "[telephone number]",
    "IBAN": "[IBAN]",
    "CARD": "[card number]",
    "NATIONAL_ID": "[national id]",
    "IP": "[IP address]",
}
OTHER = "[withheld]"
_TOKEN = re.compile(r"⟨([A-Z_]{1,20})_\d{1,6}⟩")
_CITATION = re.compile(r"\s?\[\d{1,2}\]")
_GREETING = re.compile(
    r"\s*(?:dear|hello|hi|good (?:morning|afternoon|evening)|greetings|guten tag|hallo|liebe[r]?|sehr geehrte[r]?)\b"
    r"[^\n.!?]{0,80}[,!.]?[ \t]*\n+",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\n\s*(?:(?:with )?(?:kind|best|warm|many)(?:est)? (?:regards|wishes|greetings)|regards|sincerely|yours(?: \w+)?"
    r"|all the best|best|cheers|(?:viele|beste|liebe|mit freundlichen) gr[üu](?:ß|ss)en?)\b[^\n]{0,40}"
    r"(?:\n[^\n]{0,80}){0,4}\s*\Z",
    re.IGNORECASE,
)
_LAST_LINE = re.compile(r"\n\s*\n([^\n]{2,80})\s*\Z")
MAX_TITLE = 90


@dataclass(frozen=True)
class Cleaned:
    """A text, and how many pieces of each kind of personal data were taken out."""

    text: str
    taken: Mapping[str, int] = field(default_factory=dict)


def personal_remove(text: str, personal: Mapping[str, Sequence[str]]) -> Cleaned:
    """`text` with a placeholder for everything personal: what has a shape, and `personal`, values by kind."""
    taken: Counter[str] = Counter()

    def replaced(match: re.Match[str]) -> str:
        taken[match[1]] += 1
        return PLACEHOLDERS.get(match[1], OTHER)

    hidden = Vault(personal).hide(text)
    return Cleaned(_TOKEN.sub(replaced, hidden), dict(taken))


def with_names(personal: Mapping[str, Sequence[str]], *names: str) -> Mapping[str, Sequence[str]]:
    """`personal` with further names, such as the consultant's."""
    return {**personal, "NAME": (*personal.get("NAME", ()), *filter(None, names))}


def body_of(text: str, *, signed: str = "") -> str:
    """What a letter says: without greeting, sign-off, the line of the one who `signed`, and marks of sources."""
    body = _CITATION.sub("", f"{text.strip()}\n")
    body = _GREETING.sub("", body, count=1) if _GREETING.match(body) else body
    body = _SIGN_OFF.sub("", f"\n{body.strip()}").strip()
    last = _LAST_LINE.search(f"\n{body}")
    if signed and last and signed.lower() in last[1].lower():
        body = body[: -len(last[1])].rstrip()
    return body[:1].upper() + body[1:]


def question_of(text: str) -> str:
    """What a message asks: its questions and requests; of one without any all that it says."""
    sentences = sentences_of(text)
    wanted = [sentence.text for sentence in sentences if sentence.wants_something]
    told = wanted or [sentence.text for sentence in sentences] or [text]
    return " ".join(dict.fromkeys(told[:4])).strip()


def title_of(question: str, subject: str) -> str:
    """A line to find an article by: the first question, else what the message was about."""
    first = line_clean(re.split(r"(?<=[?.!])\s", question.strip(), maxsplit=1)[0])
    title = first if 8 <= len(first) <= MAX_TITLE else line_clean(subject) or first
    title = title[:1].upper() + title[1:]
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1].rsplit(' ', 1)[0]}…"
