"""The page on which a consultant works: reads, edits the suggested reply, and sends it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from conversations.assisting.discarding import REASON_WORDS
from conversations.models import Escalation, HeldReply
from omnicqm.common.errors import OmniError
from omnicqm.common.services import audit_view
from omnicqm.console.case.actions import case_act
from omnicqm.console.case.conflict import Conflict, conflict_of, conflict_stopped
from omnicqm.console.case.editor import editor_open, suggestion_asked
from omnicqm.console.case.page import case_get, case_page
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
    return HttpResponseRedirect(f"{request.path}{_looking(request, result) if do == 'suggest' else ''}")


def _looking(request: HttpRequest, suggestion_id: str) -> str:
    """Where a suggestion is looked at, and the draft that the text in the editor was made of is not forgotten."""
    asked = {"suggestion": suggestion_id, "draft": request.POST.get("draft", "")}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"


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
    editor = editor_open(request, page, typed=text)
    context = {
        **site.each_context(request),
        "title": page.title,
        "page": page,
        "text": editor.text,
        "is_kept": editor.is_kept,
        "draft": editor.draft,
        "suggestion": suggestion_asked(request, page),
        "typed_note": request.POST.get("note", "") if status != 200 else "",
        "conflict": conflict or conflict_stopped(page),
        "may_work": request.user.has_perm(WORK),
        "is_active": page.is_active,
        "is_mine": mine,
        "is_taken": page.is_active and escalation.assignee_id is not None and not mine,
        "escalation": escalation,
        **_choices(),
    }
    return render(request, "console/case/page.html", context, status=status)


def _choices() -> dict[str, Any]:
    return {
        "thens": HeldReply.Then.choices,
        "snoozes": SNOOZES,
        "resolutions": Escalation.Resolution.choices,
        "discard_reasons": list(REASON_WORDS.items()),
    }
