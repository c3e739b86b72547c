"""The second look: what a trace says is looked through once more before it leaves, wherever it came from."""

from typing import Any

from agents.privacy import personal_find
from agents.storable import storable, text_storable

MAX_CHARS = 4_000
MAX_ITEMS = 50


def personal_remove(value: Any) -> Any:
    """`value` with the kind of data, such as ⟨EMAIL⟩, in the place of whatever looks personal in its texts.

    Tokens of a run's own vault stay. Long texts and lists are cut.
    """
    return storable(value, _text, most=MAX_ITEMS)


def _text(text: str) -> str:
    text = text_storable(text[:MAX_CHARS])
    parts, end = [], 0
    for found in personal_find(text):
        parts += [text[end : found.start], f"⟨{found.kind}⟩"]
        end = found.end
    return "".join([*parts, text[end:]])
