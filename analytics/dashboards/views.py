"""Doors: the pages, their files, and what is done with pins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from analytics.addresses import ask_address
from analytics.dashboards.bar import bar_make
from analytics.dashboards.boards import DASHBOARDS, Dashboard
from analytics.dashboards.csv_file import csv_write
from analytics.dashboards.pins import pin_move, pin_remove, pin_result, pin_set, pins_read
from analytics.dashboards.reading import page_read, panel_table
from analytics.dashboards.state import Reading, State, state_read
from analytics.dashboards.tables import Table, table_make
from analytics.querying import Period
from omnicqm.common.errors import NotFound, OmniError

PERMISSION = "analytics.view_dashboards"
REFRESH_SECONDS = 30
_SETS: Mapping[str, Mapping[str, bool]] = {  # what the buttons of a pin set
    "share": {"is_shared": True},
    "unshare": {"is_shared": False},
    "keep": {"keeps_period": True},
    "follow": {"keeps_period": False},
}
_PINNED = Dashboard("pinned", "Pinned", "Answers that you or others keep an eye on.", (), ())


@dataclass(frozen=True)
class Tab:
    title: str
    href: str
    is_current: bool


@require_safe
def dashboard_page(request: HttpRequest, name: str) -> HttpResponse:
    """A dashboard as its address says; one that says too much is sent to the same without that."""
    _allowed(request)
    dashboard = DASHBOARDS.get(name) or _unknown()
    reading = state_read(request.GET)
    if (address := _shorter(request, reading)) is not None:
        return HttpResponseRedirect(address)
    try:
        page = page_read(dashboard, reading.state)
    except OmniError as error:
        return _shown(request, dashboard, reading, {"failed": error.message}, status=error.status)
    is_live = dashboard.live and reading.state.period.last >= timezone.localdate()
    return _shown(
        request, dashboard, reading, {"page": page, "notes": page.notes, "live": REFRESH_SECONDS if is_live else 0}
    )


@require_safe
def panel_csv(request: HttpRequest, name: str, panel: str) -> HttpResponse:
    """The table of one panel as a file, with the bar's filters."""
    _allowed(request)
    dashboard = DASHBOARDS.get(name) or _unknown()
    found = next((one for one in dashboard.panels if one.name == panel), None) or _unknown()
    state = state_read(request.GET).state
    return _csv(lambda: (panel_table(found, state), state.period), f"{name}-{panel}")


@require_safe
def pinned_page(request: HttpRequest) -> HttpResponse:
    """What the user and others have pinned."""
    _allowed(request)
    reading = state_read(request.GET)
    if (address := _shorter(request, reading)) is not None:
        return HttpResponseRedirect(address)
    try:
        pins, notes, _ = pins_read(request.user, reading.state)
    except OmniError as error:
        return _shown(request, _PINNED, reading, {"failed": error.message}, status=error.status)
    return _shown(request, _PINNED, reading, {"pins": pins, "notes": notes, "ask": ask_address()})


@require_safe
def pin_csv(request: HttpRequest, pin_id: str) -> HttpResponse:
    """The table of one pin as a file."""
    _allowed(request)
    state = state_read(request.GET).state

    def read() -> tuple[Table, Period]:
        result = pin_result(request.user, pin_id, state)
        return table_make([result], lambda _, __: ""), result.spec.period

    return _csv(read, "pinned")


@require_POST
def pin_change(request: HttpRequest, pin_id: str) -> HttpResponse:
    """Remove a pin, move it, share it or bind it to its days, as the pressed button says."""
    _allowed(request)
    do = request.POST.get("do", "")
    try:
        if do == "remove":
            pin_remove(user=request.user, pin_id=pin_id)
            messages.success(request, "The pin is removed.")
        elif do in ("up", "down"):
            pin_move(user=request.user, pin_id=pin_id, up=do == "up")
        elif do in _SETS:
            pin_set(user=request.user, pin_id=pin_id, **_SETS[do])
        else:
            messages.error(request, "Choose what to do with the pin: move, share, or remove it, or change its period.")
    except OmniError as error:
        messages.error(request, error.message)
    query = state_read(request.GET).state.query
    return HttpResponseRedirect(f"{reverse('dashboards:pinned')}{f'?{query}' if query else ''}")


def _allowed(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _unknown() -> NoReturn:
    raise Http404("There is no such dashboard.")


def _shorter(request: HttpRequest, reading: Reading) -> str | None:
    """The address that says the same in as few words; None when it is that already, or when something in it has to be
    pointed out first."""
    given = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    if reading.problems or given == parse_qsl(reading.state.query):
        return None
    return f"{request.path}?{reading.state.query}" if reading.state.query else request.path


def _shown(
    request: HttpRequest, dashboard: Dashboard, reading: Reading, found: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": dashboard.title,
        "is_fullwidth": "1",
        "dashboard": dashboard,
        "bar": bar_make(reading),
        "problems": reading.problems,
        "query": reading.state.query,
        "tabs": _tabs(dashboard, reading.state),
        **found,
    }
    return render(request, "analytics/dashboard.html", context, status=status)


def _tabs(current: Dashboard, state: State) -> list[Tab]:
    query = f"?{state.query}" if state.query else ""
    return [
        Tab(board.title, f"{_address(board)}{query}", board.name == current.name)
        for board in (*DASHBOARDS.values(), _PINNED)
    ]


def _address(board: Dashboard) -> str:
    return reverse("dashboards:pinned") if board is _PINNED else reverse("dashboards:page", args=[board.name])


def _csv(read: Callable[[], tuple[Table, Period]], name: str) -> HttpResponse:
    """What is `read`, with its days, as a file; why there is none as a line of text."""
    try:
        table, period = read()
    except NotFound as error:
        raise Http404 from error
    except OmniError as error:
        return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
    days = f"{period.first}_{period.last}"
    response = HttpResponse(csv_write(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}_{days}.csv"'
    return response
