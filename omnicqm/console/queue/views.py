"""Doors of the queue: its page, rows that changed, the buttons below it, and "Next"."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.escalations.services import escalation_claim_next
from omnicqm.common.errors import OmniError
from omnicqm.common.ids import is_id
from omnicqm.console.queue.acting import MAY_ASSIGN, consultants, queue_act
from omnicqm.console.queue.addresses import queue_address
from omnicqm.console.queue.filters import filters_read
from omnicqm.console.queue.page import queue_page, rows_of, tabs_make
from omnicqm.console.snoozing import SNOOZES

SEE, WORK = "conversations.view_escalation", "conversations.change_escalation"
MOST_RENEWED = 200
Door = Callable[[HttpRequest], HttpResponse]


def _staff(*permissions: str) -> Callable[[Door], Door]:
    """A page of the console for who has all `permissions`; who has not signed in is sent to do so."""

    def wrap(view: Door) -> Door:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request)

        return admin.site.admin_view(guarded)

    return wrap


@_staff(SEE)
@require_safe
def queue_view(request: HttpRequest) -> HttpResponse:
    """The page as its address says."""
    filters = filters_read(request.GET)
    may_work = request.user.has_perm(WORK)
    may_assign = may_work and request.user.has_perm(MAY_ASSIGN)
    context = {
        **admin.site.each_context(request),
        "title": "Queue",
        "is_fullwidth": "1",
        "page": queue_page(filters, request.user, after=request.GET.get("after", "")),
        "may_work": may_work,
        "may_assign": may_assign,
        "consultants": consultants() if may_assign else [],
        "snoozes": SNOOZES,
    }
    return render(request, "console/queue.html", context)


@_staff(SEE)
@require_safe
def rows_view(request: HttpRequest) -> JsonResponse:
    """Rows that changed, drawn anew: ``?ids=esc_…,esc_…`` with the page's own tab and filters.

    ``{rows: {id: html}, tabs: {name: count}}``; an id without a row is not on this list any more.
    """
    wanted = [one for one in request.GET.get("ids", "").split(",")[:MOST_RENEWED] if is_id(one, "esc")]
    filters = filters_read(request.GET)
    rows = rows_of(filters, request.user, wanted)
    drawn = {
        row.id: render_to_string("console/queue/_row.html", {"row": row, "may_work": request.user.has_perm(WORK)})
        for row in rows
    }
    return JsonResponse({"rows": drawn, "tabs": {tab.name: tab.count for tab in tabs_make(filters, request.user)}})


@_staff(SEE, WORK)
@require_POST
def act_view(request: HttpRequest) -> HttpResponse:
    """Assign, release, snooze or wake up what was ticked; a script gets JSON, a form its page again."""
    is_script = "application/json" in request.headers.get("Accept", "")
    try:
        done = queue_act(request.POST, request.user)
    except OmniError as error:
        if is_script:
            return JsonResponse({"code": error.code, "detail": error.message}, status=error.status)
        messages.error(request, error.message)
        return HttpResponseRedirect(_back(request))
    if is_script:
        return JsonResponse({"count": done.count, "told": done.told, "refused": list(done.refused)})
    if done.count:
        messages.success(request, done.told)
    for told in done.refused:
        messages.warning(request, told)
    return HttpResponseRedirect(_back(request))


@_staff(SEE, WORK)
@require_POST
def next_view(request: HttpRequest) -> HttpResponse:
    """Claim what comes next and open it."""
    user: Any = request.user
    try:
        escalation = escalation_claim_next(user=user)
    except OmniError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(_back(request))
    if escalation is None:
        messages.info(request, "Nothing waits for you at the moment.")
        return HttpResponseRedirect(_back(request))
    return HttpResponseRedirect(reverse("admin:conversations_escalation_change", args=[escalation.pk]))


def _back(request: HttpRequest) -> str:
    """The queue with the tab and the filters of the page that the form was on, or home."""
    if request.POST.get("back") == "home":
        return reverse("admin:index")
    filters = filters_read(request.GET)
    return queue_address(filters.tab, **filters.pairs)
