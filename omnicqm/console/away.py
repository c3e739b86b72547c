"""A consultant's own page to go away and come back: what they have open goes to others, and routing leaves them out."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from conversations.desk.routing import is_present
from conversations.desk.selectors import work_at_hand
from conversations.desk.services import consultant_leave, consultant_return

MAY_WORK = "conversations.change_escalation"


def away_view(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """How much would be handed over, before anything is; a POST goes away or comes back."""
    user: Any = request.user
    if not user.has_perm(MAY_WORK):
        raise PermissionDenied
    if request.method == "POST":
        return _switch(request, user)
    context = {"title": "Away", "is_away": not is_present(user.pk), "work": work_at_hand(user)}
    return render(request, "console/away.html", {**site.each_context(request), **context})


def _switch(request: HttpRequest, user: Any) -> HttpResponse:
    match request.POST.get("do"):
        case "leave":
            moved = consultant_leave(user=user, actor=user)
            messages.success(request, f"You are away. {moved} open case{'' if moved == 1 else 's'} handed over.")
        case "return":
            consultant_return(user=user, actor=user)
            messages.success(request, "You are back.")
        case _:
            messages.error(request, "Choose whether you go away or are back.")
            return redirect("admin:away")
    return redirect("admin:index")
