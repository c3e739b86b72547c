"""The categories that ship with the product. An admin's rows replace or join them: see `agents.selectors`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "data" / "categories.yaml"


@cache
def shipped_categories() -> list[dict[str, Any]]:
    """{key, title, description, examples} of the categories every installation begins with."""
    entries: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return entries
