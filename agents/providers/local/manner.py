"""How something is said, told by sentences said in the same manner: the sayings of anger, complaints and wishes for a
person are endless, but near each other. See data/manner.yaml."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from agents.providers.local.classify import intents_load
from agents.providers.local.cues import Hits
from agents.providers.local.text import Sentence
from agents.providers.local.vectors import Matrix, memory
from agents.words import words_in

FILE = Path(__file__).parent / "data" / "manner.yaml"
NEIGHBOURS = 3
MIN_WORDS = 2
# By how much nearer a sentence must be to a manner than to calm sentences: of a thousand questions to banks and
# assistants one or two are (benchmarks/assessment.py). A little less is a weak sign, which needs another.
SURE: Mapping[str, float] = {"anger": 0.065, "complaint": 0.04, "person": 0.08}
WEAK = 0.02
_ALSO_CALM = {"person": ("anger", "complaint")}  # who is angry does not therefore want a person


def manner_find(manner: str, sentences: Sequence[Sentence]) -> Hits:
    """Whether one of `sentences` is said in `manner`, with the sentence; weight 1 when sure, 0.5 when it seems so."""
    texts = [sentence.text for sentence in sentences if len(words_in(sentence.text)) >= MIN_WORDS]
    if not texts:
        return Hits(0, ())
    nearer = _nearness(texts, manners_load()[manner]) - _nearness(texts, _contrast(manner))
    best = int(np.argmax(nearer))
    for weight, margin in ((1.0, SURE[manner]), (0.5, SURE[manner] - WEAK)):
        if nearer[best] >= margin:
            return Hits(weight, (texts[best][:120],))
    return Hits(0, ())


@cache
def manners_load() -> Mapping[str, Sequence[str]]:
    """The sentences of each manner, and calm ones under "calm"."""
    manners: Mapping[str, Sequence[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return manners


@cache
def _contrast(manner: str) -> Sequence[str]:
    """What is said calmly: the calm sentences, and everyday matters that are no complaint."""
    manners = manners_load()
    intents = [example for name, examples in intents_load().items() if name != "complaint" for example in examples]
    other = [example for name in _ALSO_CALM.get(manner, ()) for example in manners[name]]
    return tuple(dict.fromkeys([*manners["calm"], *intents, *other]))


def _nearness(texts: Sequence[str], examples: Sequence[str]) -> Matrix:
    """The mean cosine of each text with the examples nearest to it."""
    cosines = memory.embed(texts) @ memory.embed(examples).T
    return np.asarray(np.sort(cosines, axis=1)[:, -NEIGHBOURS:].mean(axis=1), np.float32)
