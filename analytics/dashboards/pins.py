"""Answers kept on the dashboard "Pinned": written here, by whoever may see dashboards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from time import monotonic
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max, Q

from analytics.catalogue.metrics import METRICS
from analytics.dashboards.asking import pin_spec
from analytics.dashboards.boards import Kind, Panel
from analytics.dashboards.charts import target_lines
from analytics.dashboards.figures import period_figure
from analytics.dashboards.reading import PanelView, page_notes, panel_view, row_link
from analytics.dashboards.state import State
from analytics.errors import SpecInvalid
from analytics.models import Pin
from analytics.querying import QuerySpec, Result, spec_check, spec_dump, spec_read, spec_run, specs_run
from analytics.querying.days import Bucket
from omnicqm.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, OmniError, ServiceUnavailable
from omnicqm.common.services import audit_record
from omnicqm.common.text import line_clean

MOST = 24  # of one person
MOST_TITLE = 120
PATIENCE = 10  # seconds that a page takes for pins one by one


@dataclass(frozen=True)
class PinView:
    """A pin as one user sees it. `view` None: its question cannot be answered, and `problem` says why."""

    pin: Pin
    may_change: bool
    view: PanelView | None
    problem: str = ""
    period: str = ""


def pin_create(
    *, user: Any, title: str, spec: QuerySpec, chart: str, is_shared: bool = False, keeps_period: bool = False
) -> Pin:
    """Keep `spec`, drawn as `chart` (a value of `Pin.Chart`), as the last pin of `user`; everybody sees a shared one.

    Raises `SpecInvalid`, `InvalidInput` (title, chart) and `Conflict` when the user has as many as there may be.
    """
    spec_check(spec)
    title = line_clean(title)
    if not 1 <= len(title) <= MOST_TITLE:
        raise InvalidInput(f"A pin needs a title of 1 to {MOST_TITLE} characters.", param="title")
    if chart not in Pin.Chart.values:
        raise InvalidInput(f"'chart' is {', '.join(Pin.Chart.values)}.", param="chart")
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time: the limit holds
        pins = Pin.objects.filter(owner=user)
        if pins.count() >= MOST:
            raise Conflict(f"You have {MOST} pins, which is as many as there may be. Remove one first.")
        last = pins.aggregate(last=Max("position", default=0))["last"]
        pin = Pin.objects.create(
            owner=user, is_shared=is_shared, title=title, spec=spec_dump(spec), chart=chart,
            keeps_period=keeps_period, position=last + 1,
        )  # fmt: skip
        audit_record(actor=f"user:{user.pk}", action="pin.added", obj=pin, details={"shared": is_shared})
    return pin


@transaction.atomic
def pin_remove(*, user: Any, pin_id: str) -> None:
    """Take a pin off. Raises `NotFound` when `user` does not see it, and `NotAllowed` when it is another's."""
    pin = _changeable(user, pin_id)
    audit_record(actor=f"user:{user.pk}", action="pin.removed", obj=pin, details={"shared": pin.is_shared})
    pin.delete()


@transaction.atomic
def pin_set(*, user: Any, pin_id: str, is_shared: bool | None = None, keeps_period: bool | None = None) -> None:
    """Let everybody see a pin or only its owner; let it keep its own days or follow the bar. None leaves it as it is.
    Raises as `pin_remove`."""
    pin = _changeable(user, pin_id)
    wanted = {"is_shared": is_shared, "keeps_period": keeps_period}
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(pin, name)}
    if not changed:
        return
    for name, value in changed.items():
        setattr(pin, name, value)
    pin.save(update_fields=list(changed))
    audit_record(actor=f"user:{user.pk}", action="pin.changed", obj=pin, details=changed)


@transaction.atomic
def pin_move(*, user: Any, pin_id: str, up: bool) -> None:
    """Change places with the one before (`up`) or behind it, of the same owner. Raises as `pin_remove`."""
    pin = _changeable(user, pin_id)
    pins = list(Pin.objects.select_for_update().filter(owner=pin.owner_id))
    place = next(number for number, one in enumerate(pins) if one.pk == pin.pk)
    there = place + (-1 if up else 1)
    if 0 <= there < len(pins):
        pins[place], pins[there] = pins[there], pins[place]
        for number, one in enumerate(pins, start=1):
            one.position = number
        Pin.objects.bulk_update(pins, ["position"])


def pins_of(user: Any) -> list[Pin]:
    """What `user` sees: their own in their order, then what others share."""
    pins = Pin.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")
    return sorted(pins, key=lambda pin: (pin.owner_id != user.pk, pin.owner_id, pin.position))


def pins_read(user: Any, state: State) -> tuple[list[PinView], tuple[str, ...], str]:
    """The pins with their figures under the bar, what holds for all of them, and the moment they are of."""
    pins = pins_of(user)
    specs: dict[str, QuerySpec] = {}
    problems: dict[str, str] = {}
    for pin in pins:
        try:
            specs[pin.pk] = _spec_now(pin, state)
        except SpecInvalid as error:
            problems[pin.pk] = error.message
    answers, unanswered = _answered(specs)
    problems |= unanswered
    views = [_view(pin, user, state, answers.get(pin.pk), problems.get(pin.pk, "")) for pin in pins]
    return views, page_notes(answers.values()), next((str(one.as_of) for one in answers.values() if one.as_of), "")


def _answered(specs: Mapping[str, QuerySpec]) -> tuple[dict[str, Result], dict[str, str]]:
    """The answers, and why there is none, by pin. All are asked together, which reads the rows once. Where one of them
    cannot be answered, halves of them, so that few are asked twice; where one takes too long, one by one, so that it
    takes no other with it."""
    return _asked(list(specs.items()))


def _asked(
    specs: Sequence[tuple[str, QuerySpec]], until: float | None = None
) -> tuple[dict[str, Result], dict[str, str]]:
    try:
        if until is not None and monotonic() > until:
            raise ServiceUnavailable("The pins before took too long. Remove them, or choose a shorter period.")
        return dict(zip(dict(specs), specs_run([spec for _, spec in specs]), strict=True)), {}
    except OmniError as error:
        if len(specs) == 1:
            return {}, {specs[0][0]: error.message}
        size = -(-len(specs) // 2) if isinstance(error, SpecInvalid) else 1
    until = monotonic() + PATIENCE if until is None else until
    answers: dict[str, Result] = {}
    problems: dict[str, str] = {}
    for part in batched(specs, size):
        found, missing = _asked(part, until)
        answers |= found
        problems |= missing
    return answers, problems


def _spec_now(pin: Pin, state: State) -> QuerySpec:
    return spec_check(pin_spec(spec_read(pin.spec), state, keeps_period=pin.keeps_period))


def pin_panel(pin: Pin, spec: QuerySpec) -> Panel:
    """The pin as a panel, drawn as asked where its answer can be drawn like that."""
    kind = Kind(pin.chart)
    if kind in (Kind.LINES, Kind.COLUMNS) and not spec.grain:
        kind = Kind.BARS if spec.dimensions else Kind.TABLE
    if kind in (Kind.BARS, Kind.PIE) and spec.grain:
        kind = Kind.COLUMNS
    if not spec.grain and not spec.dimensions:
        kind = Kind.TABLE
    metric = METRICS[spec.metric]
    stacked = kind is Kind.COLUMNS and bool(spec.dimensions) and metric.is_additive
    by = spec.dimensions[0] if spec.dimensions else ""
    return Panel(pin.pk, pin.title, kind, (spec.metric,), by=by, over_time=bool(spec.grain), stacked=stacked)


def _view(pin: Pin, user: Any, state: State, result: Result | None, problem: str) -> PinView:
    may_change = _may_change(user, pin)
    if result is None:
        return PinView(pin, may_change, None, problem)
    spec = result.spec
    panel = pin_panel(pin, spec)
    lines = target_lines([result.metric]) if spec.grain else []
    by = spec.dimensions[0] if len(spec.dimensions) == 1 and not spec.grain else ""
    link = _no_link if pin.keeps_period else row_link(by, state, spec.grain)
    view = panel_view(panel, [result], link, lines=lines)
    return PinView(pin, may_change, view, period=period_figure(spec.period) if pin.keeps_period else "")


def _no_link(bucket: Bucket | None, key: str | None) -> str:
    return ""


def pin_result(user: Any, pin_id: str, state: State) -> Result:
    """The answer of one pin that `user` sees. Raises `NotFound`, `SpecInvalid`, and `ServiceUnavailable` when it takes
    too long."""
    return spec_run(_spec_now(_visible(user, pin_id), state))


def _visible(user: Any, pin_id: str) -> Pin:
    pin = Pin.objects.filter(Q(owner=user) | Q(is_shared=True), pk=pin_id).first()
    if pin is None:
        raise NotFound("There is no such pin.")
    return pin


def _changeable(user: Any, pin_id: str) -> Pin:
    pin = _visible(user, pin_id)
    if not _may_change(user, pin):
        raise NotAllowed("Only who pinned it can change it.")
    return pin


def _may_change(user: Any, pin: Pin) -> bool:
    return bool(pin.owner_id == user.pk or user.is_superuser)
