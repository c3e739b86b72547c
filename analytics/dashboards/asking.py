"""From panels and the bar's state to specs."""

from dataclasses import replace

from analytics.catalogue.metrics import METRICS
from analytics.dashboards.boards import Dashboard, Panel
from analytics.dashboards.state import State
from analytics.querying import Grain, Period, QuerySpec
from analytics.querying.spec import Compare


def tile_spec(metric: str, state: State) -> QuerySpec:
    """The total with its steps. Charts over time ask the same, so both come from one reading of the rows."""
    return _spec(metric, state, grain=state.grain)


def panel_specs(panel: Panel, state: State) -> tuple[QuerySpec, ...]:
    """One per metric."""
    grain = state.grain if panel.over_time else None
    by = (panel.by,) if panel.by else ()
    specs = [_spec(metric, state, grain=grain, dimensions=by, top=panel.top) for metric in panel.metrics]
    # Groups step by step have no room for what they are compared with.
    return tuple(replace(spec, compare=None) if panel.by and grain else spec for spec in specs)


def dashboard_specs(dashboard: Dashboard, state: State) -> list[QuerySpec]:
    """All that a dashboard asks for."""
    tiles = [tile_spec(metric, state) for metric in dashboard.tiles]
    return [*tiles, *(spec for panel in dashboard.panels for spec in panel_specs(panel, state))]


def budget_specs(state: State, scopes: tuple[str, ...]) -> tuple[QuerySpec, ...]:
    """Cost by day: of everything, and of each of `scopes`. Nothing of the bar but its period holds for budgets."""
    plain = State(state.preset, state.period)
    whole = _spec("cost", plain, grain=Grain.DAY)
    return (whole, replace(whole, dimensions=("scope",))) if scopes else (whole,)


def pin_spec(spec: QuerySpec, state: State, *, keeps_period: bool) -> QuerySpec:
    """A pinned question under the bar: over its period, unless it keeps its own, and held against what the bar says;
    its filters stay and the bar's are added."""
    metric = METRICS[spec.metric]
    own = {kept.dimension for kept in spec.filters}
    added = tuple(kept for kept in state.filters_for(metric) if kept.dimension not in own)
    asked = replace(spec, filters=(*spec.filters, *added), compare=_compare(spec, state))
    if keeps_period:
        return asked
    is_too_fine = spec.grain is Grain.HOUR and state.grain is not Grain.HOUR
    return replace(asked, period=state.period, grain=state.grain if is_too_fine else spec.grain)


def _compare(spec: QuerySpec, state: State) -> Compare | None:
    if spec.grain and spec.dimensions:
        return None
    return state.compare or spec.compare


def _spec(
    metric: str, state: State, *, grain: Grain | None, dimensions: tuple[str, ...] = (), top: int | None = None
) -> QuerySpec:
    period: Period = state.period
    filters = state.filters_for(METRICS[metric])
    return QuerySpec(
        metric, period, dimensions=dimensions, grain=grain, compare=state.compare, filters=filters, top=top
    )
