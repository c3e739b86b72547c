"""The page on which a consultant works: reads, edits the suggested reply, and sends it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from conversations.assisting.discarding import REASON_WORDS
from conversations.assisting.suggestions import suggestion_get
from conversations.models import Escalation, HeldReply
from omnicqm.common.errors import OmniError
from omnicqm.common.services import audit_view
from omnicqm.console.case.actions import case_act
from omnicqm.console.case.conflict import Conflict, conflict_of, conflict_stopped, text_kept
from omnicqm.console.case.page import CasePage, case_get, case_page
from omnicqm.console.case.parts import AFTER_ACTION, VIEW, WORK, part_render
from omnicqm.console.snoozing import SNOOZES

PART_HEADER = "X-Part"  # the page asks for a part alone instead of being led back to itself
_STALE = 409


def escalation_view(request: HttpRequest, *, site: AdminSite, escalation_id: str) -> HttpResponse:
    """Show the page; a POST does what the pressed button says. Raises `EscalationNotFound`."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, site, case_get(escalation_id))
    if not request.user.has_perm(WORK):
        raise PermissionDenied
    return _act(request, site, escalation_id)


def _act(request: HttpRequest, site: AdminSite, escalation_id: str) -> HttpResponse:
    part = request.headers.get(PART_HEADER, "")
    do = request.POST.get("do", "")
    escalation = case_get(escalation_id)
    audit_view(user=request.user, obj=escalation)  # the answer may be the page itself, or a part of it
    try:
        done, result = case_act(do, escalation, request.user, request.POST)
    except OmniError as error:
        return _refused(request, site, escalation_id, error, part=part)
    if part in AFTER_ACTION:
        return part_render(request, case_get(escalation_id), part, result)
    if done:
        messages.success(request, done)
    shown = f"?suggestion={result}" if do == "suggest" else ""
    return HttpResponseRedirect(f"{request.path}{shown}")


def _refused(request: HttpRequest, site: AdminSite, escalation_id: str, error: OmniError, *, part: str) -> HttpResponse:
    """The reason beside what was typed: nothing of it is lost."""
    if part in AFTER_ACTION:
        return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
    escalation, text = case_get(escalation_id), request.POST.get("text")
    conflict = None
    if error.status == _STALE and text:
        conflict = conflict_of(escalation, error, known_seq=_number(request.POST.get("known_seq", "")))
    if conflict is None:  # which says it itself
        messages.error(request, error.message)
    return _show(request, site, escalation, text=text, conflict=conflict, status=error.status)


def _number(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 10 else 0


def _show(
    request: HttpRequest,
    site: AdminSite,
    escalation: Escalation,
    *,
    text: str | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    page = case_page(escalation, user=request.user)
    mine = escalation.assignee_id == request.user.pk
    kept = text if text is not None else text_kept(escalation)
    context = {
        **site.each_context(request),
        "title": page.title,
        "page": page,
        "text": page.suggestion if kept is None else kept,
        "is_kept": text is not None,  # what was typed a moment ago: the browser's copy is older
        "typed_note": request.POST.get("note", "") if status != 200 else "",
        "conflict": conflict or conflict_stopped(page),
        "may_work": request.user.has_perm(WORK),
        "is_active": page.is_active,
        "is_mine": mine,
        "is_taken": page.is_active and escalation.assignee_id is not None and not mine,
        "escalation": escalation,
        **_choices(),
        **_suggestion(request, page),
    }
    return render(request, "console/case/page.html", context, status=status)


def _choices() -> dict[str, Any]:
    return {
        "thens": HeldReply.Then.choices,
        "snoozes": SNOOZES,
        "resolutions": Escalation.Resolution.choices,
        "discard_reasons": list(REASON_WORDS.items()),
    }


def _suggestion(request: HttpRequest, page: CasePage) -> dict[str, Any]:
    """Without JavaScript a suggestion is looked at by its address, and taken by another one."""
    wanted = request.GET.get("suggestion") or request.GET.get("use")
    found = suggestion_get(suggestion_id=wanted, user=request.user) if wanted else None
    if found is None or found.escalation_id != page.escalation.pk:
        return {}
    if request.GET.get("use") and found.text:
        return {"text": found.text, "is_kept": True}
    return {"suggestion": found, **({"text": found.given, "is_kept": True} if found.given else {})}
