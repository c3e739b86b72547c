"""The phrases the grammar knows: made of the catalogue, of the values its dimensions take, and of what people say."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from analytics.analyst.grammar.patterns import PATTERN_WORDS
from analytics.analyst.grammar.periods import DAYS, PERIOD_WORDS
from analytics.analyst.grammar.synonyms import (
    CHAT_WORDS,
    DIMENSION_WORDS,
    FILLERS,
    GUARDED,
    MAIL_WORDS,
    METRIC_WORDS,
    NEVER_FILLER,
    NOT_DIMENSIONS,
    NOUNS,
    REWRITES,
    VALUE_WORDS,
)
from analytics.analyst.grammar.tokens import words_of
from analytics.catalogue.definition import Metric
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS

Values = Mapping[str, Mapping[str, str]]  # label by value by dimension
_RANKED = re.compile(r"(.+)_p(\d\d)")
_RANK_WORD = re.compile(r"(?:p\d\d|\d\dth percentile|median|average|typical) ")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOOSE = _words("other information problem access known unknown version lite local extractive model none ")
_SAID = _words(
    "by per each every across split broken grouped group down between versus vs against compared compare comparison "
    "with to than same only just also too again instead but and what how about without except excluding exclude not "
    "no other leave leaving ignoring ignore share percentage percent proportion fraction count rate average mean "
    "median typical percentile top bottom best worst highest lowest most least largest smallest biggest fewest "
    "greatest expensive cheapest slowest fastest busiest daily weekly monthly hourly trend trends over time "
    "timeline series development evolution pie donut doughnut bar bars line lines column columns area stacked table "
    "weekend weekends weekdays working business before year week month day hour prior period earlier ago mean means "
    "meaning define definition defined explain include including everything all breakdown well additionally "
)


@dataclass(frozen=True)
class Lexicon:
    """`metrics` and `dimensions` by phrase, `values` as (dimension, value) by phrase, `guarded` those that only count
    after the name of their dimension. `known` has every single word that means something."""

    metrics: Mapping[str, str]
    dimensions: Mapping[str, str]
    values: Mapping[str, tuple[tuple[str, str], ...]]
    guarded: Mapping[str, tuple[tuple[str, str], ...]]
    labels: Values
    known: frozenset[str] = field(default_factory=frozenset)
    longest: int = 8


def families() -> Mapping[str, tuple[int, ...]]:
    """The percentiles there are, by the metric's name without its rank."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for name in METRICS:
        if found := _RANKED.fullmatch(name):
            ranks[found[1]].append(int(found[2]))
    return {name: tuple(sorted(known)) for name, known in ranks.items()}


def family_of(metric: str) -> str:
    """The name without the rank; empty for what is no percentile."""
    found = _RANKED.fullmatch(metric)
    return found[1] if found else ""


def phrase_of(text: str) -> str:
    return " ".join(words_of(text))


def lexicon_make(values: Values) -> Lexicon:
    metrics: dict[str, str] = {}
    for name, phrase in _metric_phrases():
        for form in _forms(phrase):
            metrics.setdefault(form, name)
    dimensions: dict[str, str] = {}
    for name, phrase in _dimension_phrases():
        for form in _forms(phrase):
            dimensions.setdefault(form, name)
    loose: dict[str, list[tuple[str, str]]] = defaultdict(list)
    guarded: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for dimension, value, phrase in _value_phrases(values):
        into = guarded if dimension in GUARDED and phrase not in VALUE_WORDS.get((dimension, value), ()) else loose
        if (dimension, value) not in into[phrase]:
            into[phrase].append((dimension, value))
    known = {word for phrase in (*metrics, *dimensions, *loose, *guarded) for word in phrase.split()}
    known |= FILLERS | NEVER_FILLER | PERIOD_WORDS | PATTERN_WORDS | _SAID | set(NOUNS)
    known |= {f"{day}s" for day in DAYS}
    known |= {word for pattern, _ in REWRITES for word in re.findall(r"[a-z]{3,}", pattern)}
    return Lexicon(
        metrics=metrics,
        dimensions=dimensions,
        values={phrase: tuple(found) for phrase, found in loose.items()},
        guarded={phrase: tuple(found) for phrase, found in guarded.items()},
        labels=values,
        known=frozenset(known),
        longest=max(len(phrase.split()) for phrase in (*metrics, *dimensions, *loose, *guarded)),
    )


def _metric_phrases() -> Iterator[tuple[str, str]]:
    """Metric or family, and a phrase for it; what comes first wins."""
    for metric in METRICS.values():
        name = family_of(metric.name) or metric.name
        yield name, phrase_of(name.replace("_", " "))
        yield name, phrase_of(metric.title.partition(",")[0] if family_of(metric.name) else metric.title)
    for name, phrases in METRIC_WORDS.items():
        yield from ((name, phrase) for phrase in phrases if name in METRICS or name in families())
    for metric in METRICS.values():
        yield from _synonyms(metric)


def _synonyms(metric: Metric) -> Iterator[tuple[str, str]]:
    name = family_of(metric.name) or metric.name
    for synonym in metric.synonyms:
        phrase = phrase_of(synonym)
        if phrase and not (name != metric.name and _RANK_WORD.match(phrase)):
            yield name, phrase


def _dimension_phrases() -> Iterator[tuple[str, str]]:
    for dimension in DIMENSIONS.values():
        said = (dimension.name.replace("_", " "), dimension.title, *dimension.synonyms)
        for phrase in (*map(phrase_of, said), *DIMENSION_WORDS.get(dimension.name, ())):
            if phrase and phrase not in NOT_DIMENSIONS:
                yield dimension.name, phrase


def _value_phrases(values: Values) -> Iterator[tuple[str, str, str]]:
    for dimension, labels in values.items():
        owners: dict[str, set[str]] = defaultdict(set)
        for value, label in labels.items():
            for word in _parts(dimension, value, label):
                owners[word].add(value)
        for value, label in labels.items():
            if not value:
                continue
            own = [word for word in _parts(dimension, value, label) if len(owners[word]) == 1]
            for phrase in dict.fromkeys((phrase_of(label), phrase_of(value), *own, *_extra(dimension, value, label))):
                if phrase and not phrase.isdigit():
                    yield dimension, value, phrase


def _parts(dimension: str, value: str, label: str) -> list[str]:
    """Words of a label, or of a model's id, that stand for it when no other value has them."""
    if dimension in GUARDED or dimension == "reason" or DIMENSIONS[dimension].is_foreign:
        return []
    return [
        word
        for word in dict.fromkeys(words_of(f"{label} {value}"))
        if len(word) >= 3 and word.isalpha() and word not in _LOOSE | FILLERS | NEVER_FILLER | _SAID
    ]


def _extra(dimension: str, value: str, label: str) -> Iterator[str]:
    yield from VALUE_WORDS.get((dimension, value), ())
    if dimension == "channel":
        said = words_of(f"{label} {value}")
        if {"email", "mail", "outlook"} & set(said):
            yield from MAIL_WORDS
        if "chat" in said:
            yield from CHAT_WORDS


def _forms(phrase: str) -> list[str]:
    """The phrase with its last word in one and in many."""
    head, _, last = phrase.rpartition(" ")
    if len(last) < 4 or not last.isalpha():
        return [phrase]
    if last.endswith("ies"):
        other = f"{last[:-3]}y"
    elif last.endswith("s") and not last.endswith("ss"):
        other = last[:-1]
    else:
        other = f"{last[:-1]}ies" if last.endswith("y") and last[-2] not in "aeou" else f"{last}s"
    return [phrase, f"{head} {other}".strip()]
