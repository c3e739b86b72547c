"""What must be reached: the least value of a figure, by ``suite.figure``, under every configuration."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.evaluation.configuration import AS_SET
from analytics.evaluation.results import Result
from omnicqm.common.errors import InvalidInput

DEFAULTS = Path(__file__).parent / "bars.json"  # of the embedded engine on public data, with room for chance


@dataclass(frozen=True)
class Missed:
    """A bar that `configuration` did not reach; `value` is None when its figure could not be measured."""

    name: str
    bar: float
    value: float | None
    configuration: str = AS_SET

    def __str__(self) -> str:
        value = "not measured" if self.value is None else f"{self.value:.3f}"
        under = "" if self.configuration == AS_SET else f" ({self.configuration})"
        return f"{self.name}: {value}, the bar is {self.bar:g}{under}"


def bars_read(file: Path | None) -> dict[str, float]:
    """The bars of `file`, by default those that are shipped. Raises `InvalidInput` that says what is wrong with it."""
    path = file or DEFAULTS
    try:
        bars = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(bar) for name, bar in bars.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(f'{path} holds no bars, {{"suite.figure": least}}: {error}.', param="bars") from error


def bars_missed(results: Sequence[Result], bars: Mapping[str, float]) -> list[Missed]:
    """Bars of the suites of `results` that are not reached; those whose figure is not there among them."""
    missed = []
    for result in results:
        for name, bar in bars.items():
            suite, _, figure = name.partition(".")
            if suite == result.suite:
                value = _value(result, figure)
                if value is None or value < bar:
                    missed.append(Missed(name, bar, value, result.configuration))
    return missed


def _value(result: Result, name: str) -> float | None:
    figure = result.find(name)
    return figure.estimate.value if figure and not math.isnan(figure.estimate.value) else None
