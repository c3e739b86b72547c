import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.providers.local.assessing import assessment_make
from agents.providers.local.dossier import Dossier, EarlierTurn
from agents.selectors import category_list
from agents.types import Factor

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(db) -> Read:
    """The engine's assessment of a message of which nothing is known: ``read("Where is my order?")``."""
    categories = category_list()

    def read(message: str, subject: str = "", turns: tuple[EarlierTurn, ...] = ()) -> dict[str, Any]:
        facts = {"categories": categories}
        nothing: frozenset[str] = frozenset()
        return assessment_make(Dossier(subject, message, "", turns, facts, (), nothing, nothing))

    return read


@pytest.fixture
def flags(read: Read) -> Callable[..., set[str]]:
    """What the engine flags in a message, by short names; no_knowledge, which is always so here, left out."""

    def flags(message: str, subject: str = "") -> set[str]:
        found = read(message, subject)
        seen = {name for name in ("account_matter", "asked_for_person", "safety", "injection") if found[name]}
        counted = {name for name, factor in found["factors"].items() if factor["count"]}
        return seen | (counted - {Factor.NO_KNOWLEDGE.value}) | ({found["smalltalk"]} - {""})

    return flags


def lines(path) -> list[dict[str, Any]]:
    """The objects of a JSONL file. Only "\\n" ends a line: texts may hold other separators."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
