"""The bar above every dashboard, ready to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.catalogue.dimensions import DIMENSIONS
from analytics.dashboards.figures import period_figure
from analytics.dashboards.periods import CUSTOM, PRESETS, USUAL
from analytics.dashboards.state import BAR, COMPARES, UNKNOWN, Reading, State


@dataclass(frozen=True)
class Choice:
    """`value` as the address writes it."""

    value: str
    title: str
    chosen: bool
    href: str = ""


@dataclass(frozen=True)
class Pick:
    """A control with boxes to tick."""

    name: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    """One value kept, and where it is not kept any more."""

    title: str
    value: str
    href: str


@dataclass(frozen=True)
class Bar:
    """`hidden` is what the form sends along: filters that have no control of their own."""

    state: State
    presets: tuple[Choice, ...]
    more: tuple[Choice, ...]
    compares: tuple[Choice, ...]
    picks: tuple[Pick, ...]
    chips: tuple[Chip, ...]
    hidden: tuple[tuple[str, str], ...]
    period: str
    compared: str
    is_custom: bool

    @property
    def other(self) -> str:
        """The name of the menu of other periods: the one chosen there."""
        return next((choice.title for choice in self.more if choice.chosen), "Custom" if self.is_custom else "Other")

    @property
    def cleared(self) -> str:
        return f"?{self.state.cleared().query}"


def bar_make(reading: Reading) -> Bar:
    state = reading.state
    chosen = state.compare.value if state.compare else ""
    return Bar(
        state=state,
        presets=tuple(_preset(name, state) for name in USUAL),
        more=tuple(_preset(name, state) for name in PRESETS if name not in USUAL),
        compares=tuple(Choice(value, title, value == chosen) for value, title in COMPARES.items()),
        picks=tuple(_pick(name, reading.values[name], state) for name in BAR),
        chips=tuple(_chips(reading)),
        hidden=tuple((n, v or UNKNOWN) for n, values in state.filters.items() if n not in BAR for v in values),
        period=period_figure(state.period),
        compared=period_figure(state.period.before(state.compare)) if state.compare else "",
        is_custom=state.preset == CUSTOM,
    )


def _preset(name: str, state: State) -> Choice:
    return Choice(name, PRESETS[name].title, state.preset == name, f"?{state.in_period(name).query}")


def _pick(name: str, values: Mapping[str, str], state: State) -> Pick:
    kept = state.filters.get(name, ())
    ordered = sorted(values.items(), key=lambda one: (not one[0], one[1].casefold()))
    return Pick(
        name, DIMENSIONS[name].title, tuple(Choice(value or UNKNOWN, title, value in kept) for value, title in ordered)
    )


def _chips(reading: Reading) -> list[Chip]:
    state = reading.state
    return [
        Chip(DIMENSIONS[name].title, reading.values[name][value], f"?{state.without(name, value).query}")
        for name, values in state.filters.items()
        for value in values
    ]
