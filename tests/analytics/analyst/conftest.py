from typing import Any

import pytest

from analytics.catalogue.dimensions import Dimension
from tests.analytics.analyst.figures import VALUES


@pytest.fixture
def known_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dimensions take the values of `figures.VALUES`; no database is asked."""

    def values(dimension: Dimension) -> Any:
        return VALUES[dimension.name]

    for module in ("querying.validation", "analyst.catalogue", "analyst.wording", "analyst.editing"):
        monkeypatch.setattr(f"analytics.{module}.dimension_values", values)
