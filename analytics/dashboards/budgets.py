"""What was spent against what may be spent a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from agents.selectors import budget_amounts
from analytics.catalogue.definition import Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.dashboards.asking import budget_specs
from analytics.dashboards.charts import Line
from analytics.dashboards.figures import bucket_figure, figure
from analytics.dashboards.state import State
from analytics.querying import Grain, Row, specs_run

_DAYS = {Grain.DAY: 1, Grain.WEEK: 7}


@dataclass(frozen=True)
class BudgetUse:
    """One budget over the period: its amount a day, the mean and the dearest day, and how often it was used up."""

    title: str
    amount: str
    mean: str
    most: str
    most_on: str
    percent: int
    days_over: int


@dataclass(frozen=True)
class Budgets:
    """`amounts` by scope, empty for everything together."""

    amounts: Mapping[str, Decimal]
    uses: tuple[BudgetUse, ...]

    def lines(self, state: State) -> list[Line]:
        """The levels to draw over a chart of cost: of what the bar shows there must be a budget."""
        days = _DAYS.get(state.grain)
        others = set(state.filters) - {"channel"}
        scopes = [f"channel:{channel}" for channel in state.filters.get("channel", ())] or [""]
        if not days or others or len(scopes) != 1 or scopes[0] not in self.amounts:
            return []
        amount = float(self.amounts[scopes[0]])
        span = "day" if days == 1 else "week"
        return [Line(f"Budget: {figure(amount * days, Unit.USD)} a {span}", amount * days)]


def budgets_read(state: State) -> Budgets:
    """All budgets, with what every day of the period took of them."""
    amounts = dict(sorted(budget_amounts().items()))
    if not amounts:
        return Budgets({}, ())
    results = specs_run(budget_specs(state, tuple(filter(None, amounts))))
    spent = [row for result in results for row in result.rows]
    labels = DIMENSIONS["scope"].labels()
    return Budgets(
        amounts,
        tuple(
            _use(labels.get(scope, scope) or "Everything", amount, [row for row in spent if _of(row) == scope])
            for scope, amount in amounts.items()
        ),
    )


def _of(row: Row) -> str | None:
    """The scope that `row` is of: empty of everything, None of what was taken from no budget."""
    return (row.keys[0] or None) if row.keys else ""


def _use(title: str, amount: Decimal, days: Sequence[Row]) -> BudgetUse:
    costs = [(Decimal(row.value or 0), row.bucket) for row in days]
    most, on = max(costs, key=lambda cost: cost[0], default=(Decimal(0), None))
    mean = sum((cost for cost, _ in costs), Decimal(0)) / (len(costs) or 1)
    return BudgetUse(
        title=title,
        amount=figure(amount, Unit.USD),
        mean=figure(mean, Unit.USD),
        most=figure(most, Unit.USD),
        most_on=bucket_figure(on, Grain.DAY, ZoneInfo(settings.TIME_ZONE), whole=True) if on and most else "",
        percent=round(100 * most / amount) if amount else 100,
        days_over=sum(cost >= amount for cost, _ in costs),
    )
