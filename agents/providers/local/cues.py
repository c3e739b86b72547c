"""The engine's own cues, by the names of their files."""

from collections.abc import Iterable
from pathlib import Path

from agents import cues
from agents.cues import Cue, Hits
from agents.providers.local.text import Sentence

FOLDER = Path(__file__).parent / "data"

__all__ = ["Hits", "cues_find", "cues_load"]


def cues_find(name: str, sentences: Iterable[Sentence]) -> Hits:
    """Look for the cues of file `name` in `sentences`. A weight of 1 or more means that they are there."""
    return cues.cues_find(FOLDER / f"{name}.txt", sentences)


def cues_load(name: str) -> tuple[Cue, ...]:
    """The cues of file `name`."""
    return cues.cues_load(FOLDER / f"{name}.txt")
