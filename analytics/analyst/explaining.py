"""Questions about the catalogue itself: what a figure means, and what there is to ask."""

import re

from analytics.analyst.grammar.lexicon import Lexicon, family_of
from analytics.analyst.grammar.tokens import words_of
from analytics.analyst.suggesting import examples
from analytics.analyst.types import Answer
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import GROUPS, METRICS, metric_define, metric_dimensions

_MEANING = re.compile(
    r"(?:what (?:does|do|is meant by|is the (?:meaning|definition) of)|how (?:is|are|do you|was|were)|define|"
    r"(?:the )?(?:definition|meaning) of|explain(?: to me)?) (?:the |an? )?(?P<what>.+?)"
    r"(?P<verb> (?:mean|means|stand for|computed|calculated|defined|measured|compute|calculate|"
    r"define|measure|counted))?"
)
_NEEDS_VERB = re.compile(r"(?:what (?:does|do) |how )")
_HELP = frozenset(
    ("help", "what can you do", "what can i ask", "what do you know", "which metrics are there",
     "which metrics do you know",
     "what metrics are there", "list the metrics", "list all metrics", "show all metrics", "which figures are there",
     "which figures do you know", "what can i ask you", "hello", "hi", "what figures are there")
)  # fmt: skip


def explain(question: str, lexicon: Lexicon) -> Answer | None:
    """The answer to a question about a definition or about what there is; None for every other question."""
    text = " ".join(words_of(question))
    if text in _HELP:
        return _help()
    match = _MEANING.fullmatch(text)
    if match is None or (_NEEDS_VERB.match(text) and not match["verb"]):
        return None
    name = lexicon.metrics.get(match["what"]) or lexicon.metrics.get(match["what"].removesuffix(" metric"))
    if name is not None:
        return _metric(name)
    dimension = lexicon.dimensions.get(match["what"])
    return _dimension(dimension) if dimension else None


def _metric(name: str) -> Answer:
    metric = METRICS.get(name) or next(one for one in METRICS.values() if family_of(one.name) == name)
    splits = ", ".join(DIMENSIONS[known].title.lower() for known in metric_dimensions(metric))
    asked = (f"{metric.title} in the last 30 days", f"{metric.title} by month this year")
    text = f"{metric.title}: {metric.description} It can be split by {splits}."
    return Answer(text, definitions=(metric_define(metric),), suggestions=asked)


def _dimension(name: str) -> Answer:
    dimension = DIMENSIONS[name]
    entry = {"name": name, "title": dimension.title, "text": dimension.description}
    return Answer(f"{dimension.title}: {dimension.description}", definitions=(entry,), suggestions=tuple(examples(3)))


def _help() -> Answer:
    groups = ". ".join(
        f"{title}: {' · '.join(metric.title for metric in metrics)}" for title, metrics in GROUPS.items()
    )
    return Answer(f"I know these figures. {groups}.", suggestions=tuple(examples()))
