"""Passages written for staff ("Notify the customer…"): they inform a consultant and make no reply to a customer."""

from collections.abc import Sequence
from functools import lru_cache

from agents.providers.local.cues import cues_load
from agents.providers.local.dossier import Found
from agents.providers.local.passages import sections_of
from agents.providers.local.text import Kind, Sentence

MIN_LINES = 2
MIN_SHARE = 0.25  # of the lines of a passage


def for_customers(passages: Sequence[Found]) -> list[Found]:
    """Those of `passages` a customer may read: one passage for staff gives its whole document away."""
    guides = {found.document for found in passages if speaks_to_staff(found.text)}
    return [found for found in passages if found.document not in guides]


@lru_cache(maxsize=2_000)
def speaks_to_staff(text: str) -> bool:
    lines = [unit.text for section in sections_of(text) for unit in section.units]
    told = sum(_told_to_staff(line) for line in lines)
    return told >= MIN_LINES and told / len(lines) >= MIN_SHARE


def _told_to_staff(line: str) -> bool:
    sentence = Sentence(line, Kind.STATEMENT)
    return any(cue.find(sentence) for cue in cues_load("staff"))
