"""The placeholders of a macro: {customer_name} and the like. Nothing else in braces means anything."""

import re
from collections.abc import Mapping

from omnicqm.common.errors import InvalidInput

NAMES = ("customer_name", "reference", "consultant_name")
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


def placeholder_problem(text: str) -> str:
    """What is wrong with the placeholders of `text`, in a sentence; empty when they can all be filled."""
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in NAMES]
    if unknown:
        return f"Nobody fills {{{unknown[0][:40]}}}. Use {', '.join(f'{{{name}}}' for name in NAMES)}."
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        return "A brace is open or closed alone. Write placeholders as {customer_name}."
    return ""


def placeholders_fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every placeholder replaced once: what stands in a value is never read as a placeholder itself.

    Raises `InvalidInput` naming ``text`` for one that is unknown.
    """
    if problem := placeholder_problem(text):
        raise InvalidInput(problem, param="text")
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
