"""What must be reached: the least value of a figure, by ``suite.figure``."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.evaluation.results import Result
from omnicqm.common.errors import InvalidInput

DEFAULTS = Path(__file__).parent / "bars.json"  # of the embedded engine on public data, with room for chance


@dataclass(frozen=True)
class Missed:
    """A bar that was not reached; `value` is None when its figure could not be measured."""

    name: str
    bar: float
    value: float | None

    def __str__(self) -> str:
        value = "not measured" if self.value is None else f"{self.value:.3f}"
        return f"{self.name}: {value}, the bar is {self.bar:g}"


def bars_read(file: Path | None) -> dict[str, float]:
    """The bars of `file`, by default those that are shipped. Raises `InvalidInput` that says what is wrong with it."""
    path = file or DEFAULTS
    try:
        bars = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(bar) for name, bar in bars.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(f'{path} holds no bars, {{"suite.figure": least}}: {error}.', param="bars") from error


def bars_missed(results: Sequence[Result], bars: Mapping[str, float], *, all_of: bool) -> list[Missed]:
    """Bars of the suites of `results` that are not reached.

    With `all_of` a figure that was not measured is missed as well; else bars are only held against what is there.
    """
    missed = []
    for result in results:
        of_suite = {name: bar for name, bar in bars.items() if name.partition(".")[0] == result.suite}
        for name, bar in of_suite.items():
            figure = result.find(name.partition(".")[2])
            value = figure.estimate.value if figure and not math.isnan(figure.estimate.value) else None
            if (value is None and all_of) or (value is not None and value < bar):
                missed.append(Missed(name, bar, value))
    return missed
