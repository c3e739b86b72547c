"""A customer's message, cut into the sentences that matter: greeting, sign-off and courtesies told apart."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agents.words import content_words, sentences_in, words_in

MAX_SENTENCES = 60

_GREETING = re.compile(
    r"(?i:hello|hi|hiya|hey|dear|greetings|good (?:day|morning|afternoon|evening)|to whom it may concern)\b"
    r"(?:,? (?:[A-Z][\w.'’&-]*|&|(?i:there|all|team|everybody|everyone|folks|guys|sir|madam|ma'am|or|and|customer|"
    r"service|support|mr|mrs|ms|dr|again)\b)){0,6}(?:\s*[,!.:;–-]+|$)"
)
_SIGN_OFF = re.compile(
    r"(?:(?:(?:best|kind|warm|warmest|many)?\s*(?:regards|wishes)|all the best|sincerely|yours\b.*|cheers|"
    r"sent from my\b.*|(?:many )?thanks?(?: you)?(?: very much| so much| a lot| in advance| again)?"
    r"(?: for (?:your|the|any) (?:help|time|support|assistance|patience|understanding))?)[,.!]*)",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:i |we )?(?:look(?:ing)? forward to|hope (?:you(?:'re| are)|this (?:mail|email|message) finds you|to hear)|"
    r"(?:thanks?|thank you|thx|ty|cheers)\b|have a (?:nice|good|great)|i hope (?:you(?:'re| are)|this))",
    re.IGNORECASE,
)
_THANKS_FIRST = re.compile(r"(?:many )?(?:thanks?|thank you|thx|cheers)[,.!–-]+\s+(?=\w)", re.IGNORECASE)
_NAME_LINE = re.compile(r"(?:[A-Z][\w.'’-]*\s*){1,4}")
_QUESTION_START = re.compile(
    r"(?:and |or |so |but |also |then |ok(?:ay)? |well |hi |hello |hey |sorry |please )*,?\s*"
    r"(?:what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|would|will|shall|should|may|"
    r"might|has|have|had|am|whats|what's|wheres|where's|hows|how's|whens|isn't|aren't|don't|doesn't|can't|won't|any)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:please|kindly|i(?:'d| would) (?:like|love|appreciate|be (?:interested|grateful))|"
    r"i(?:'m| am) (?:looking|seeking|interested|trying|wondering)|i (?:want|need|wish|require|request|wonder)|"
    r"(?:i(?:'m| am) )?writing to (?:ask|request|inquire|enquire|find out)|we (?:want|need|would like)|"
    r"(?:can|could|would|will) you|let me know|(?:tell|send|give|show|help) me|explain|advise|looking for|"
    r"my question is|i have a question)\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"(?:please |kindly |just |also |and |then |now )*(?:cancel|change|update|block|unblock|freeze|close|open|stop|"
    r"send|tell|show|give|refund|return|reset|delete|remove|add|check|explain|help|make|set|transfer|activate|order|book|"
    r"issue|replace|confirm|fix|correct|describe|list|recommend|provide|share|find)\b",
    re.IGNORECASE,
)


class Kind(StrEnum):
    QUESTION = "question"
    REQUEST = "request"
    STATEMENT = "statement"
    COURTESY = "courtesy"


@dataclass(frozen=True)
class Sentence:
    text: str
    kind: Kind

    @property
    def wants_something(self) -> bool:
        return self.kind in (Kind.QUESTION, Kind.REQUEST)


@lru_cache(maxsize=256)
def sentences_of(message: str) -> tuple[Sentence, ...]:
    """The sentences of a message in order, without greeting and sign-off lines."""
    paragraphs = [" ".join(lines) for lines in _paragraphs(message)]
    texts = [text for paragraph in paragraphs for text in _split(paragraph)]
    return tuple(_sentence(text) for text in texts[:MAX_SENTENCES])


def matter_of(message: str) -> tuple[Sentence, ...]:
    """The sentences that say what the message is about; courtesies left out."""
    return tuple(sentence for sentence in sentences_of(message) if sentence.kind is not Kind.COURTESY)


def _paragraphs(message: str) -> list[list[str]]:
    """Lines that belong together: hard-wrapped text is one paragraph, a list item is one of its own."""
    lines = _body_lines([line.strip() for line in message.splitlines()])
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        starts_anew = not line or re.match(r"(?:[-*•]|\d{1,2}[.)])\s", line) is not None
        if starts_anew or (paragraphs[-1] and paragraphs[-1][-1].endswith((".", "!", "?", ":"))):
            paragraphs.append([])
        if line:
            paragraphs[-1].append(re.sub(r"^(?:[-*•]|\d{1,2}[.)])\s+", "", line))
    return [paragraph for paragraph in paragraphs if paragraph]


def _body_lines(lines: list[str]) -> list[str]:
    """Without the greeting at the top and the sign-off and name at the bottom."""
    while lines and not lines[0]:
        lines = lines[1:]
    if lines:
        rest = _GREETING.sub("", lines[0], count=1) if _GREETING.match(lines[0]) else lines[0]
        lines = [rest.strip(), *lines[1:]]
    while len([line for line in lines if line]) > 1 and _closes(lines[-1]):
        lines = lines[:-1]
    return lines


def _closes(line: str) -> bool:
    return not line or _SIGN_OFF.fullmatch(line) is not None or _NAME_LINE.fullmatch(line) is not None


def _split(paragraph: str) -> list[str]:
    return [part.strip() for part in sentences_in(paragraph) if words_in(part)]


def _sentence(text: str) -> Sentence:
    return Sentence(text, _kind(text))


def _kind(text: str) -> Kind:
    text = _THANKS_FIRST.sub("", text)
    if text.rstrip(" \"')").endswith("?") or (_QUESTION_START.match(text) and not text.endswith("!")):
        return Kind.QUESTION
    if _COURTESY.match(text) and not _REQUEST.search(_COURTESY.sub("", text, count=1)):
        return Kind.COURTESY
    if _REQUEST.search(text) or _IMPERATIVE.match(text):
        return Kind.REQUEST
    return Kind.STATEMENT if content_words(text) else Kind.COURTESY
