"""Parts of the case page that are fetched alone: earlier and new messages, the state, what the knowledge base says."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render

from conversations.assisting.suggestions import suggestion_get
from conversations.crm.selectors import crm_case_link
from conversations.escalations.drafts import draft_offered
from conversations.models import Conversation, Escalation
from conversations.rendering import markdown_to_html
from omnicqm.common.errors import InvalidInput, NotFound, OmniError
from omnicqm.common.tasks import task_call
from omnicqm.console.case.brief import brief_card
from omnicqm.console.case.customer import merges_suggested, touches
from omnicqm.console.case.guide import guide_card
from omnicqm.console.case.page import case_get, held_of, stamp_of
from omnicqm.console.case.trail import trail_of
from omnicqm.console.case.window import thread_window

VIEW, WORK = "conversations.view_escalation", "conversations.change_escalation"
MERGE, SEE_CUSTOMER = "conversations.change_customer", "conversations.view_customer"
SEARCH_SECONDS = 8.0
PASSAGES = 6
FOUND_FROM = 0.25  # relevance: consultants judge for themselves, so a little below what the agent goes by
MAX_QUESTION = 500
MAX_PREVIEW = 50_000


def part_view(request: HttpRequest, *, escalation_id: str, part: str) -> HttpResponse:
    """The part of the page as HTML, or as JSON for the state."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    make = PARTS.get(part)
    if make is None:
        raise Http404
    if (request.method == "POST") is not (part == "preview"):
        return HttpResponseNotAllowed(["POST" if part == "preview" else "GET"])
    try:
        return make(request, case_get(escalation_id))
    except OmniError as error:
        return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")


def part_render(request: HttpRequest, escalation: Escalation, part: str, result: str) -> HttpResponse:
    """What an action changed, for a page that is not loaded anew. `result` is the id of what came of it."""
    if part == "suggestion":
        return _suggestion_show(request, result)
    if part == "note":
        return _thread_show(request, escalation, after=_shown(request, note=int(result)))
    return PARTS[part](request, escalation)


def _thread(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    """``?before=`` the messages before a number, ``?after=`` those after it."""
    return _thread_show(request, escalation, before=_number(request, "before"), after=_number(request, "after"))


def _thread_show(
    request: HttpRequest, escalation: Escalation, *, before: int | None = None, after: int | None = None
) -> HttpResponse:
    if before is None and after is None:
        raise InvalidInput("Say before or after which message.", param="before")
    window = thread_window(escalation, before=before, after=after)
    context = {"entries": window.entries, "customer": escalation.conversation.customer}
    response = render(request, "console/_thread.html", context)
    response["X-Earlier"] = str(window.earlier)
    response["X-Newest"] = str(window.last_seq)
    return response


def _shown(request: HttpRequest, *, note: int) -> int:
    """The newest message that the page shows, as ``?after=`` says: what came between it and the note comes along."""
    shown = _number(request, "after")
    return note - 1 if shown is None else min(shown, note - 1)


def _number(request: HttpRequest, name: str) -> int | None:
    written = request.GET.get(name, "")
    return int(written) if written.isdecimal() and len(written) < 10 else None


def _state(request: HttpRequest, escalation: Escalation) -> JsonResponse:
    """How the case stands now, for the page to compare with what it shows."""
    conversation: Conversation = escalation.conversation
    assignee, held, draft = escalation.assignee, held_of(escalation), draft_offered(escalation)
    return JsonResponse(
        {
            "stamp": stamp_of(escalation, draft),
            "draft": draft.key,
            "newest": conversation.last_seq,
            "state": escalation.get_state_display(),
            "assignee": (assignee.get_full_name() or assignee.get_username()) if assignee else "",
            "mine": escalation.assignee_id == request.user.pk,
            "held": held.state if held else "",
        }
    )


def _knowledge(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    """What the knowledge base says to ``?q=``, internal documents too: the worker searches, for it has the model."""
    question = request.GET.get("q", "").strip()
    if not 2 <= len(question) <= MAX_QUESTION:
        raise InvalidInput(f"Ask with 2 to {MAX_QUESTION} characters.", param="q")
    found = task_call("knowledge.search", question, PASSAGES, "internal", FOUND_FROM, timeout=SEARCH_SECONDS)
    return render(request, "console/case/_found.html", {"found": found, "question": question})


def _preview(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    """The text as the customer will see it."""
    text = request.POST.get("text", "")[:MAX_PREVIEW]
    return render(request, "console/case/_preview.html", {"html": markdown_to_html(text)})


def _suggestion(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    return _suggestion_show(request, request.GET.get("id", ""))


def _suggestion_show(request: HttpRequest, suggestion_id: str) -> HttpResponse:
    suggestion = suggestion_get(suggestion_id=suggestion_id, user=request.user)
    if suggestion is None:
        raise NotFound("There is no such suggestion of yours.")
    return render(request, "console/case/_suggestion.html", {"suggestion": suggestion, "may_work": True})


def _guide(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    return render(
        request, "console/case/_guide.html", {"guide": guide_card(escalation), **_rights(request, escalation)}
    )


def _brief(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    card = guide_card(escalation)
    said = thread_window(escalation).said
    brief = brief_card(escalation, said=said, next_step=card.next.text if card.next else "")
    return render(request, "console/case/_brief.html", {"brief": brief, **_rights(request, escalation)})


def _around(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    """What was said elsewhere, and who may be the same person."""
    if not request.user.has_perm(SEE_CUSTOMER):
        raise PermissionDenied
    customer = escalation.conversation.customer
    context = {"touches": touches(customer), "merges": merges_suggested(customer), "customer": customer}
    context["crm_link"] = crm_case_link(escalation.conversation)
    context |= {"may_merge": request.user.has_perm(MERGE), **_rights(request, escalation)}
    return render(request, "console/case/_around.html", context)


def _trail(request: HttpRequest, escalation: Escalation) -> HttpResponse:
    return render(request, "console/case/_trail.html", {"trail": trail_of(escalation)})


def _rights(request: HttpRequest, escalation: Escalation) -> dict[str, Any]:
    active = escalation.state in Escalation.ACTIVE
    return {"may_work": request.user.has_perm(WORK), "is_active": active, "escalation": escalation}


PARTS: Mapping[str, Callable[[HttpRequest, Escalation], HttpResponse]] = {
    "thread": _thread,
    "state": _state,
    "knowledge": _knowledge,
    "preview": _preview,
    "suggestion": _suggestion,
    "guide": _guide,
    "brief": _brief,
    "around": _around,
    "trail": _trail,
}
AFTER_ACTION = frozenset({"note", "suggestion", "guide", "brief", "around"})
