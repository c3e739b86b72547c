"""Questions near the one that was not understood, each of which would be."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from analytics.analyst.grammar.asked import Missed
from analytics.analyst.grammar.lexicon import Lexicon, family_of
from analytics.analyst.grammar.tokens import words_of
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS, metric_dimensions
from analytics.querying import QuerySpec

MOST = 4
_USUAL = ("alpha", "escalations", "queries", "cost")
_CLOSE = 0.72


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SMALL = _words("the of and in for that to by is was are were with at as from on all per than what how many ")


def suggestions_for(question: str, missed: Missed, lexicon: Lexicon) -> tuple[str, ...]:
    """The same figure in full, figures whose names or definitions are near, then what is usually asked."""
    names = [missed.metric] if missed.metric else []
    names += [name for name in _near(question, lexicon) if name not in names]
    names += [name for name in _USUAL if name not in names]
    if missed.metric:
        splits = metric_dimensions(METRICS[missed.metric])[:2]
        said = [_said(missed.metric, f" by {DIMENSIONS[name].title.lower()}") for name in splits]
        return tuple([*said, *(_said(name) for name in names)][:MOST])
    return tuple(_said(name) for name in names[:MOST])


def suggestions_after(spec: QuerySpec) -> tuple[str, ...]:
    """Ways to go on from an answer."""
    found = []
    split = next((name for name in metric_dimensions(METRICS[spec.metric]) if name not in spec.dimensions), "")
    if not spec.dimensions and split:
        found.append(f"by {DIMENSIONS[split].title.lower()}")
    if not spec.grain:
        found.append("over time")
    if not spec.compare:
        found.append("compared with the period before")
    return tuple(found[:3])


def _said(metric: str, split: str = "") -> str:
    return f"{METRICS[metric].title}{split} in the last 30 days"


def _near(question: str, lexicon: Lexicon) -> list[str]:
    """Metrics by how near their names are to words of the question, then by words of their definitions in it."""
    asked = [word for word in words_of(question) if len(word) > 3 and word not in _SMALL][:20]
    scores: dict[str, float] = {}
    for phrase, name in lexicon.metrics.items():
        metric = _metric_of(name)
        score = max((_alike(word, part) for word in asked for part in phrase.split()), default=0.0)
        if score >= _CLOSE:
            scores[metric] = max(scores.get(metric, 0.0), score)
    for name, defined in METRICS.items():
        shared = set(asked) & set(re.findall(r"[a-z]{4,}", defined.description.lower()))
        if shared and (not family_of(name) or name.endswith("_p50")):
            scores[name] = scores.get(name, 0.0) + 0.2 * len(shared)
    return sorted(scores, key=lambda name: -scores[name])[:MOST]


def _metric_of(name: str) -> str:
    return name if name in METRICS else f"{name}_p50"


def _alike(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > 4 or len(other) < 4:
        return 0.0
    return SequenceMatcher(None, one, other).ratio()


def examples(count: int = 6) -> Sequence[str]:
    """Questions to begin with."""
    return (
        "What was α last week?",
        "Escalations by reason in the last 30 days",
        "Which categories have the lowest α?",
        "Cost per durable resolution by channel",
        "p95 of the answer time by day in the last 14 days",
        "Summaries found helpful this month compared with last month",
    )[:count]
