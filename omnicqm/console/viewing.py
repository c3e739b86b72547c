"""Who looked at what: every page and every answer of the API that shows a person's data is noted in the audit trail.

It is found by the address, so that a new page of a known kind is noted without a word of its own: pages of the models
named here, and any address that names one of their objects. A page that shows such data to some of its readers only, as
the home page does, says so itself with `list_look`.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

from omnicqm.common.services import audit_look

# Models whose pages show what customers said or who they are.
PERSONAL = {
    "conversations": frozenset(
        {
            *("customer", "identity", "interaction", "conversation", "message", "attachment", "escalation", "query"),
            *("delivery", "followup", "insight", "signincode", "transcription", "crmcase"),
        }
    ),
    "agents": frozenset({"run", "runreplay", "httptooleffect"}),
    "feedback": frozenset({"judgement", "rating", "correction", "shadowcomparison", "knowledgegap"}),
}
# Parts of other addresses that name such an object.
_NAMED = {f"{kind}_id": kind for kinds in PERSONAL.values() for kind in kinds}
# Of the API: a client that asks how its own query goes, every second, looks at nobody.
_API = frozenset({"customer", "customers", "conversation", "conversation-messages"})
_LISTS = {  # beside the lists of the models' own pages
    "customers": "customer",
    "queue:page": "escalation",
    "queue:rows": "escalation",
    "autonomy:shadow": "shadowcomparison",
    "learning:export": "correction",
}
LIST = "list"
_REFUSED_FORM = (400, 409)  # the page again, with what is wrong


def list_look(*, user: Any, kind: str) -> None:
    """Note that `user` was shown a list of objects of `kind`."""
    audit_look(actor=f"user:{user.pk}", object_type=kind, object_id=LIST, action="listed")


class ViewingMiddleware:
    """Notes looks of staff and of API clients; stands behind authentication."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        is_file = response.get("Content-Disposition", "").startswith("attachment")
        if match is not None and (_shows_page(request, match, response) or (is_file and response.status_code == 200)):
            self._note(request, match, is_file=is_file)
        return response

    def _note(self, request: HttpRequest, match: ResolverMatch, *, is_file: bool) -> None:
        looked = _looked_at(match, is_file=is_file)
        # Who it is, is asked last: the answer is one for all, and may be kept, while nobody has asked for the session.
        actor = _actor(request, match) if looked else ""
        if not (looked and actor):
            return
        kind, object_id = looked
        action = "exported" if is_file else "listed" if object_id == LIST else "viewed"
        audit_look(actor=actor, object_type=kind, object_id=object_id, action=action)


def _shows_page(request: HttpRequest, match: ResolverMatch, response: HttpResponseBase) -> bool:
    """Whether the answer is what its address is about, also where a form of the console is answered with its page."""
    if request.method == "POST":
        return match.namespaces == ["admin"] and response.status_code in (200, *_REFUSED_FORM)
    return request.method == "GET" and response.status_code == 200


def _actor(request: HttpRequest, match: ResolverMatch) -> str:
    """Staff, or the client whose token it was; nobody for customers, who look at what is theirs."""
    client = getattr(getattr(request, "auth", None), "client_id", "")
    if client and match.view_name in _API:
        return f"client:{client}"
    user: Any = getattr(request, "user", None)
    return f"user:{user.pk}" if user is not None and user.is_authenticated and user.is_staff else ""


def _looked_at(match: ResolverMatch, *, is_file: bool) -> tuple[str, str] | None:
    """The kind of object and its id, or `LIST`; None for a page about nobody."""
    for name, kind in _NAMED.items():
        if name in match.kwargs:
            return kind, str(match.kwargs[name])
    if listed := _LISTS.get(match.view_name):
        return listed, LIST
    if match.namespaces != ["admin"] or not match.url_name:
        return None
    app, _, rest = match.url_name.partition("_")
    kind, _, view = rest.partition("_")
    if kind not in PERSONAL.get(app, ()):
        return None
    if "object_id" in match.kwargs:
        return kind, str(match.kwargs["object_id"])
    return (kind, LIST) if is_file or view == "changelist" else None
