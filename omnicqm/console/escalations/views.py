"""The page on which a consultant works: reads, edits the suggested reply, and sends it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from conversations.escalations.services import escalation_claim, escalation_close, escalation_reply
from conversations.models import Escalation
from omnicqm.common.errors import InvalidInput, OmniError
from omnicqm.console.escalations.page import escalation_page

VIEW, WORK = "conversations.view_escalation", "conversations.change_escalation"


class ReplyForm(forms.Form):
    text = forms.CharField(required=False, strip=False)
    known_seq = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    reason = forms.CharField(required=False)


def escalation_view(request: HttpRequest, *, site: AdminSite, escalation_id: str) -> HttpResponse:
    """Show the page; a POST does what the pressed button says. Raises `EscalationNotFound`."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, site, escalation_id)
    if not request.user.has_perm(WORK):
        raise PermissionDenied
    try:
        done = _act(request, escalation_page(escalation_id).escalation)
    except OmniError as error:
        messages.error(request, error.message)
        return _page(request, site, escalation_id, text=request.POST.get("text"), status=error.status)
    messages.success(request, done)
    return HttpResponseRedirect(request.path)


def _act(request: HttpRequest, escalation: Escalation) -> str:
    """Do it; what was done, as a sentence. Errors of the services pass through."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("The form was not complete. Try again.")
    user: Any = request.user
    match request.POST.get("do"):
        case "send":
            text, known_seq = form.cleaned_data["text"], form.cleaned_data["known_seq"]
            escalation_reply(escalation=escalation, user=user, text=text, known_seq=known_seq)
            return "Your reply is on its way to the customer."
        case "claim" | "take_over" as wanted:
            escalation_claim(escalation=escalation, user=user, take_over=wanted == "take_over")
            return "This one is yours now."
        case "close":
            escalation_close(escalation=escalation, user=user, reason=form.cleaned_data["reason"])
            return "Closed without a reply. Your reason is kept as an internal note."
    raise InvalidInput("Choose what to do: send, claim or close.")


def _page(
    request: HttpRequest, site: AdminSite, escalation_id: str, *, text: str | None = None, status: int = 200
) -> HttpResponse:
    page = escalation_page(escalation_id)
    mine = page.escalation.assignee_id == request.user.pk
    context = {
        **site.each_context(request),
        "title": page.title,
        "page": page,
        "text": page.suggestion if text is None else text,
        "may_work": request.user.has_perm(WORK),
        "is_mine": mine,
        "is_taken": page.escalation.assignee_id is not None and not mine,
    }
    return render(request, "console/escalation.html", context, status=status)
