"""What kind of thing a question wants to know, a price or a time, and which texts have it. Both are told by words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`asked` finds it in a question, `told` in a text. Without a `needed` kind a text does not answer the question."""

    asked: re.Pattern[str]
    told: re.Pattern[str]
    needed: bool = True


def _kind(asked: str, told: str, *, needed: bool = True) -> Kind:
    return Kind(re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE), needed)


_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few|several)"
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
PRICE = _kind(
    r"\bhow much (?:is|are|does|do|will|would)\b|\bwhat (?:is|are|does|do|would|will)\b.*\b(?:price|cost|fee)s?\b|"
    r"\b(?:price|cost|fee)s?\?|\bexpensive\b",
    r"[$€£¥]|\bUSD|\bEUR|\b\d+ ?%|\bfree\b|\bno (?:\w+ )?(?:fee|charge|cost)|\bwithout charge",
)
CHARGE = _kind(
    r"\bcosts?\b|\bhow much\b|\bcharged? for\b|\bpays? for\b|\bpay anything\b|\bfree\b|\binterest\b",
    PRICE.told.pattern,
    needed=False,
)
DURATION = _kind(
    r"\bhow (?:long|soon|quickly|fast|many (?:days|hours|weeks|months|minutes))\b",
    rf"\b{_COUNT}(?: (?:full|working|business|calendar))? (?:minute|hour|day|night|week|month|year)s?\b|"
    r"\ban? (?:minute|hour)\b|\b(?:the )?(?:same|next)(?: working)? day\b|"
    r"\bimmediately\b|\bat once\b|\binstantly\b|\blifetime\b|\bforever\b",
)
FREQUENCY = _kind(
    r"\bhow often\b|\bhow many times\b",
    r"\b(?:once|twice|every|daily|weekly|monthly|yearly)\b|\btimes? (?:an?|per|each)\b",
    needed=False,
)
MOMENT = _kind(
    r"\b(?:until|till|by|since|from) when\b|\b(?:what|which) (?:time|hours|day)\b|\bopening (?:hours|times)\b|"
    r"\bwhen (?:do|does|is|are|can|will|must|should|did)\b",
    rf"\b\d+ ?(?:am|pm)\b|\bnoon\b|\bmidnight\b|\b{_DAYS}\b|{DURATION.told.pattern}|"
    r"\b(?:before|after|until|as soon as)\b",
    needed=False,
)
PLACE = _kind(
    r"\bwhere (?:is|are)\b|\baddress of\b",
    r"\baddress:|\bon our website\b|\b(?:under|open|choose|at) \"|\bin (?:your|the) account\b",
    needed=False,
)
KINDS = (PRICE, CHARGE, DURATION, FREQUENCY, MOMENT, PLACE)

_PROCEDURE = re.compile(
    r"\bhow (?:do|can|could|should|would|to|must|may|does|will)\b|"
    r"\b(?:what (?:do|must|should|shall|can|could) (?:i|we) do|where (?:do|can|could|should) (?:i|we))\b|"
    r"\b(?:what are the|which) steps\b",
    re.IGNORECASE,
)
_COURSE = re.compile(r"\bwhat happens\b|\bwhat (?:do|can|will) you (?:do|offer)\b|\btell me about\b", re.IGNORECASE)
_INSTRUCTS = re.compile(
    r"^(?:please )?(?:choose|open|enter|go|write|send|call|tick|bring|take|report|click|select|sign|log|use|visit|"
    r"contact|forward|ask|look|check|print|tell|show|press|fill|follow|keep|make sure|drive)\b|\bwrite to us\b",
    re.IGNORECASE,
)


def kinds_asked(ask: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind.asked.search(ask))


def kinds_count(kinds: Sequence[Kind], text: str) -> int:
    """How often something of one of `kinds` stands in `text`."""
    return max((len(kind.told.findall(text)) for kind in kinds), default=0)


def answers_kind(ask: str, told: str) -> bool | None:
    """Whether `told` holds what `ask` needs to know, a price or a duration; None when it needs neither."""
    needed = [kind for kind in kinds_asked(ask) if kind.needed]
    return all(kind.told.search(told) for kind in needed) if needed else None


def wants_procedure(ask: str) -> bool:
    """Whether `ask` wants to know how something is done."""
    return bool(_PROCEDURE.search(ask))


def wants_course(ask: str) -> bool:
    """Whether `ask` wants to know how something goes on, which takes more than one fact to tell."""
    return bool(_COURSE.search(ask))


def instructs(line: str) -> bool:
    """Whether `line` tells the reader what to do."""
    return bool(_INSTRUCTS.search(line))
