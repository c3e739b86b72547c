"""Results as a table for people, as JSON, and as a picture."""

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.evaluation.results import Difference, Figure, Result

ROW, LEFT, WIDTH, RIGHT, TOP = 22, 330, 360, 150, 46  # px
_COLOURS = ("#0f766e", "#b45309")


def table(results: Sequence[Result]) -> str:
    """A line for every figure: value, interval, number of cases."""
    lines = []
    for result in results:
        lines += [f"\n{result.suite}, {result.configuration}", f"  {'':<44}{'value':>8}   95 %{'':>14}{'n':>6}"]
        lines += [f"  {figure.name:<44}{_line(figure)}" for figure in result.figures]
        lines += [f"  Note: {note}" for note in result.notes]
    return "\n".join(lines)


def differences_table(found: Sequence[Difference]) -> str:
    """What changed for the same cases, and whether that is more than chance."""
    lines = [f"\n{'Paired differences':<56}{'before':>8}{'after':>8}{'change':>9}   95 %"]
    for one in found:
        mark = "  clear" if one.is_clear else ""
        interval = f"{one.estimate.low:+.3f} to {one.estimate.high:+.3f}"
        name = f"{one.suite}.{one.name}"
        lines.append(f"{name:<56}{one.before:>8.3f}{one.after:>8.3f}{one.estimate.value:>+9.3f}   {interval}{mark}")
    return "\n".join(lines)


def record(results: Sequence[Result], found: Sequence[Difference], head: Mapping[str, Any]) -> dict[str, Any]:
    """Everything, for JSON. No text of any case is in it, only ids and values."""
    return {
        **head,
        "results": [
            {
                "suite": result.suite,
                "configuration": result.configuration,
                "notes": list(result.notes),
                "figures": {figure.name: _figure(figure) for figure in result.figures},
            }
            for result in results
        ],
        "differences": [
            {
                "figure": f"{one.suite}.{one.name}",
                "change": one.estimate.rounded(),
                "n": one.estimate.n,
                "clear": one.is_clear,
            }
            for one in found
        ],
    }


def picture(results: Sequence[Result], bars: Mapping[str, float]) -> str:
    """Every figure as a point with its interval, and its bar as a tick: an SVG that stands alone."""
    rows = [
        (result, figure) for result in results for figure in result.figures if not math.isnan(figure.estimate.value)
    ]
    names = list(dict.fromkeys(result.configuration for result in results))
    height = TOP + ROW * len(rows) + 20
    parts = [_legend(names), *(_grid(tenth / 4, height) for tenth in range(5))]
    for number, (result, figure) in enumerate(rows):
        colour = _COLOURS[names.index(result.configuration) % len(_COLOURS)]
        bar = bars.get(f"{result.suite}.{figure.name}")
        parts.append(_row(TOP + ROW * number + ROW / 2, result.suite, figure, colour, bar))
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{height}"'
    font = 'font-family="system-ui, sans-serif" font-size="12" fill="#1f2937"'
    title = "<title>Evaluation: every figure with its 95 % interval</title>"
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font} role="img">'
    return f"{head}{title}{paper}{''.join(parts)}</svg>\n"


def _row(y: float, suite: str, figure: Figure, colour: str, bar: float | None) -> str:
    found = figure.estimate
    name = html.escape(f"{suite}: {figure.name}")
    tick = f'<path d="M{_x(bar):.1f} {y - 8} v16" stroke="#b91c1c" stroke-width="2"/>' if bar is not None else ""
    return (
        f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{name}</text>'
        f'<path d="M{_x(found.low):.1f} {y} H{_x(found.high):.1f}" stroke="{colour}" stroke-width="2"/>'
        f'<circle cx="{_x(found.value):.1f}" cy="{y}" r="4" fill="{colour}"/>{tick}'
        f'<text x="{LEFT + WIDTH + 10}" y="{y + 4}">{found.value:.3f}, n {found.n}</text>'
    )


def _grid(value: float, height: int) -> str:
    x = f"{_x(value):.1f}"
    return (
        f'<path d="M{x} {TOP - 6} V{height - 14}" stroke="#e5e7eb"/>'
        f'<text x="{x}" y="{TOP - 10}" text-anchor="middle" fill="#6b7280">{value:g}</text>'
    )


def _legend(names: Sequence[str]) -> str:
    parts = (
        f'<circle cx="{16 + 250 * number}" cy="14" r="4" fill="{_COLOURS[number % len(_COLOURS)]}"/>'
        f'<text x="{26 + 250 * number}" y="18">{html.escape(name[:34])}</text>'
        for number, name in enumerate(names)
    )
    return "".join(parts)


def _x(value: float) -> float:
    return LEFT + WIDTH * min(1.0, max(0.0, value))


def _line(figure: Figure) -> str:
    found = figure.estimate
    if math.isnan(found.value):
        return f"{'-':>8}   {'too few to tell':<19}{found.n:>6}"
    return f"{found.value:>8.3f}   {f'{found.low:.3f} to {found.high:.3f}':<19}{found.n:>6}"


def _figure(figure: Figure) -> dict[str, Any]:
    value, low, high = figure.estimate.rounded()
    cases = {case: round(value, 4) for case, value in figure.values.items()}
    return {"value": value, "low": low, "high": high, "n": figure.estimate.n, "cases": cases}
