"""The pieces of a question that are no words of the catalogue: steps in time, comparisons, tops, charts, ranks, roles."""

import re
from collections.abc import Callable
from datetime import date

from analytics.analyst.grammar.periods import DAYS, N, number_of, period_read
from analytics.analyst.grammar.signs import (
    ChartSign,
    CompareSign,
    GrainSign,
    PeriodSign,
    RankSign,
    Sign,
    TopSign,
    WeekdaysSign,
    WordSign,
)
from analytics.querying import Compare, Grain

_GRAINS = {"hour": Grain.HOUR, "day": Grain.DAY, "week": Grain.WEEK, "month": Grain.MONTH, "hourly": Grain.HOUR,
           "daily": Grain.DAY, "weekly": Grain.WEEK, "monthly": Grain.MONTH}  # fmt: skip
_UNITS = {"week": Compare.WEEK, "month": Compare.MONTH, "day": Compare.PREVIOUS, "year": Compare.YEAR}
_LARGE = "top|highest|largest|biggest|most|greatest|slowest|longest|busiest|costliest|dearest|most expensive|most common|most frequent|main"
_SMALL = "bottom|lowest|smallest|least|fewest|fastest|quietest|cheapest|least expensive|shortest"
_SENSE = {"best": "best", "worst": "worst", "weakest": "worst", "strongest": "best"}
_SENSES = rf"{_LARGE}|{_SMALL}|best|worst|weakest|strongest"
_CHARTS = {"pie": "pie", "donut": "pie", "doughnut": "pie", "bar": "bar", "bars": "bar", "column": "bar", "columns": "bar",
           "line": "line", "lines": "line", "curve": "line", "area": "area", "stacked bar": "stacked",
           "stacked bars": "stacked", "stacked": "stacked", "table": "table"}  # fmt: skip
_KINDS = "|".join(sorted(_CHARTS, key=len, reverse=True))
_VERSUS = r"(?:(?:and )?(?:compare|compared|comparing|in comparison|versus|vs|against|relative|over)(?: it| this| that)? ?(?:with|to|against)? ?(?:the |that of |those of |it was |in )*)"
_BEFORE = r"(?:one )?(?:before|earlier|prior)"

_Make = Callable[[re.Match[str], int], Sign]


def _compare(match: re.Match[str], words: int) -> Sign:
    unit = match["u"]
    if unit in ("year", "yoy"):
        return CompareSign(words, match[0], Compare.YEAR, "year")
    return CompareSign(words, match[0], _UNITS[unit], unit)


def _top(match: re.Match[str], words: int) -> Sign:
    said = match["s"]
    sense = _SENSE.get(said) or ("large" if re.fullmatch(_LARGE, said) else "small")
    counted = match.groupdict().get("n") or match.groupdict().get("m")
    return TopSign(words, match[0], sense, number_of(counted) if counted else None)


def _role(role: str) -> _Make:
    return lambda match, words: WordSign(words, match[0], role)


_RULES: tuple[tuple[str, _Make], ...] = (
    # comparisons
    (rf"{_VERSUS}(?:last|previous) (?P<u>week|month|year)", _compare),
    (rf"{_VERSUS}(?:(?:same|this) (?:period|time|week|month|days|dates|quarter)(?: of| in)?(?: the)? )(?:last|previous) (?P<u>week|month|year)", _compare),
    (rf"{_VERSUS}(?:same (?:period|time|week|month|days|dates|quarter) )?(?:a|one) (?P<u>week|month|year) (?:before|ago|earlier)", _compare),
    (rf"{_VERSUS}(?P<u>week|month|day|year) {_BEFORE}", _compare),
    (rf"{_VERSUS}(?:the )?day before|{_VERSUS}yesterday", lambda m, w: CompareSign(w, m[0], Compare.PREVIOUS, "day")),
    (rf"{_VERSUS}(?:(?:previous|preceding|prior|last) (?:period|one|days?|time)|period (?:before|earlier)|(?:days|weeks|months) before|before)", lambda m, w: CompareSign(w, m[0], Compare.PREVIOUS)),
    (r"than (?:the )?(?:last|previous) (?P<u>week|month|year)", _compare),
    (r"(?P<u>week|month|year) (?:on|over) (?:week|month|year)", _compare),
    (r"yoy", lambda m, w: CompareSign(w, m[0], Compare.YEAR, "year")),
    (r"(?:and )?(?:the )?(?:same )?(?:period|time|dates) (?:last year|a year ago|(?:of )?the year before)", lambda m, w: CompareSign(w, m[0], Compare.YEAR, "year")),
    # steps
    (r"(?:(?:day by|on a|every|each|per|by|for each|for every|a) )(?P<g>hour|day|week|month)(?: by (?:day|week|month|hour))?(?: basis)?(?! (?:of|before|ago|to date))", lambda m, w: GrainSign(w, m[0], _GRAINS[m["g"]])),
    (r"(?P<g>hour|day|week|month) (?:by|after|for) (?:hour|day|week|month)", lambda m, w: GrainSign(w, m[0], _GRAINS[m["g"]])),
    (r"(?:on a |in )?(?P<g>hourly|daily|weekly|monthly)(?: basis| steps)?", lambda m, w: GrainSign(w, m[0], _GRAINS[m["g"]])),
    (r"(?:in|which|what) (?P<g>day|week|month)s?(?: had| has| have| saw| was| were)", lambda m, w: GrainSign(w, m[0], _GRAINS[m["g"]])),
    (r"(?:over|across|through) (?:the )?(?:course of )?time|(?:a |the |as a )?(?:trend|trends|timeline|time line|time series|evolution|development|curve|course)(?: (?:of|in|for|over time))?|how (?:did|has|have|does|do)(?= .*(?:develop|evolve|change|over time))", lambda m, w: GrainSign(w, m[0], None)),
    (r"(?:developed|evolved|develop|evolve)", lambda m, w: GrainSign(w, m[0], None)),
    # weekdays
    (r"(?:not|without|except|excluding|no|leave out|leaving out|ignoring|exclude)(?: on| at| the| for)* (?:weekends?|saturdays and sundays)|weekends? (?:not|excluded|left out|aside)|(?:(?:on|for|only) )*(?:weekdays only|working days(?: only)?|business days(?: only)?|workdays)|on weekdays", lambda m, w: WeekdaysSign(w, m[0], ("6", "7"), negated=True)),
    (r"(?:(?:on|at|during|for|only|just|the) )*(?:weekends?|saturdays and sundays)(?: only)?(?! not| excluded)", lambda m, w: WeekdaysSign(w, m[0], ("6", "7"))),
    (rf"(?P<x>(?:not|without|except|excluding) )?(?:(?:on|for|only) )*(?P<d>{'|'.join(f'{day}s' for day in DAYS)})(?: only)?", lambda m, w: WeekdaysSign(w, m[0], (str(DAYS.index(m["d"][:-1]) + 1),), negated=bool(m["x"]))),
    # tops
    (rf"(?P<s>{_SENSES}) (?P<n>{N})(?! (?:days?|weeks?|months?|hours?|years?|quarters?))", _top),
    (rf"(?P<n>{N}) (?P<s>{_SENSES})", _top),
    (rf"(?P<s>{_SENSES})", _top),
    # charts
    (rf"(?:(?:as|in|with|into|to|make|it|that|this|a|an|the|draw|show|use|on) )*(?:a |an )?(?P<c>{_KINDS})(?: charts?| graphs?| plots?| diagrams?)(?: of| for)?", lambda m, w: ChartSign(w, m[0], _CHARTS[m["c"]])),
    (rf"(?:as|in|into)(?: a| an)? (?P<c>{_KINDS})", lambda m, w: ChartSign(w, m[0], _CHARTS[m["c"]])),
    (r"(?P<c>pie|donut|bars|lines|stacked)", lambda m, w: ChartSign(w, m[0], _CHARTS[m["c"]])),
    (r"stack(?:ed)? (?:it|them)|stacked", lambda m, w: ChartSign(w, m[0], "stacked")),
    # ranks
    (r"(?:the )?p(?P<r>\d\d)(?: of)?", lambda m, w: RankSign(w, m[0], int(m["r"]))),
    (r"(?:the )?(?P<r>\d\d)(?:th|st|nd|rd)? percentile(?: of)?", lambda m, w: RankSign(w, m[0], int(m["r"]))),
    (r"(?:the )?median(?: of)?", lambda m, w: RankSign(w, m[0], 50)),
    (r"(?:on )?(?:the )?(?:average|mean|typical|typically|avg)(?: of)?", lambda m, w: RankSign(w, m[0], 50, is_mean=True)),
    # roles
    (r"(?:split|broken|break|grouped|group|divided|sliced|separated|separately|segmented)(?: it| them| that| this)?(?: down| up)? by|by|per|for (?:each|every)|across(?: all| the)?|in each|each|every|breakdown by", _role("by")),
    (r"(?:which|what)(?= )", _role("which")),
    (r"without|except(?: for)?|excluding|not (?:including|counting|on|for|from|in|via|with)|excl|exclude|leave out|leaving out|ignoring|ignore|other than|apart from|but not|but without|not", _role("not")),
    (r"and|or|plus|,", _role("and")),
    (r"vs|versus|compare|compared (?:with|to)|against", _role("versus")),
    (r"(?:what|the )?(?:share|percentage|percent|proportion|fraction|quota) of(?: all)?(?: the)?|(?:the )?(?:share|percentage|proportion|in percent)|what percent(?:age)?(?: of)?", _role("share")),
    (r"how many|(?:the )?(?:total )?(?:number|count|amount|quantity) of(?: the| all)?|how often", _role("count")),
    (r"too|also|as well|additionally|in addition|on top", _role("also")),
    (r"instead|again|same(?: again)?(?: thing)?(?: for| but)?|the same(?: thing)?(?: for| but)?|what about|how about|only|just|but|and (?:what about|how about|the same for|now|only|for|in|on|the)|now", _role("back")),
    (r"(?:without|no|remove|drop|not)(?: the| any| all)? (?:comparison|compare)", _role("drop compare")),
    (r"(?:without|no|remove|drop|clear|all)(?: the| any| all)? filters?|for (?:all|everything|everyone)|unfiltered|(?:of|for|on|over|across) everything", _role("drop filters")),
    (r"(?:over |on |for |across )?(?:all|every) channels?(?: together)?(?: again)?", _role("drop channel")),
    (r"(?:over |on |for |across )?(?:all|every) categor(?:y|ies)(?: together)?(?: again)?", _role("drop category")),
    (r"in total|in one figure|as one figure|not split|all together|altogether|overall", _role("whole")),
)  # fmt: skip
PATTERN_WORDS = frozenset(word for rule, _ in _RULES for word in re.findall(r"(?<![\\a-z])[a-z]{3,}", rule))
_PATTERNS = tuple((re.compile(rf"(?:{rule})(?!\S)"), make) for rule, make in _RULES)
FUTURE = re.compile(
    r"\b(?:tomorrow|next (?:\w+ )?(?:day|week|weekend|month|quarter|year|days|weeks|months|monday|friday)|forecast\w*|"
    r"predict\w*|projection|projected|will (?!you\b)|going to|expect(?:ed)?|coming (?:week|month|year))"
)
CAUSE = re.compile(r"\b(?:why|because of what|what causes?|what caused|reason why|root cause|explain why|how come)\b")
WHO = re.compile(r"\b(?:who|whom|whose)\b")


def pieces_at(text: str, today: date) -> list[Sign]:
    """Every reading of how `text` begins. Raises `FutureAsked`."""
    found: list[Sign] = []
    for pattern, make in _PATTERNS:
        if match := pattern.match(text):
            found.append(make(match, len(match[0].split())))
    if period := period_read(text, today):
        found.append(PeriodSign(period.words, text, period.period, period.note))
    return [sign for sign in found if sign.words]
