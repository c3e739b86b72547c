"""Intent and category of a message: nearest exemplar sentences, by the cosine of their vectors."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from agents.providers.local.vectors import memory

FILE = Path(__file__).parent / "data" / "intents.yaml"
NEIGHBOURS = 3
NEAREST_SHARE = 0.7  # of the score of a class; the rest is the mean of its nearest exemplars
MIN_LIKENESS = 0.25  # below it no class fits


@cache
def intents_load() -> dict[str, list[str]]:
    intents: dict[str, list[str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return intents


def class_find(texts: Sequence[str], exemplars: Mapping[str, Sequence[str]]) -> str:
    """The class whose exemplars are most like one of `texts`; an empty string when none is like it."""
    classes = {name: list(examples) for name, examples in exemplars.items() if examples}
    if not texts or not classes:
        return ""
    asked = memory.embed(texts)
    scores = {name: _likeness(asked, examples) for name, examples in classes.items()}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= MIN_LIKENESS else ""


def _likeness(asked: Any, examples: list[str]) -> float:
    cosines = np.sort(asked @ memory.embed(examples).T, axis=1)[:, ::-1]
    near = cosines[:, :NEIGHBOURS].mean(axis=1)
    return float((NEAREST_SHARE * cosines[:, 0] + (1 - NEAREST_SHARE) * near).max())


def category_find(texts: Sequence[str], categories: Sequence[Mapping[str, Any]]) -> str:
    """The key of the category that fits best, of those an admin may have added too; "other" when none does."""
    exemplars = {
        category["key"]: [*category["examples"], f"{category['title']}. {category['description']}"]
        for category in categories
        if category["key"] != "other"
    }
    found = class_find(texts, exemplars)
    keys = [category["key"] for category in categories]
    return found or ("other" if "other" in keys else keys[-1])
