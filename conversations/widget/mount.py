"""The chat a second time, below the address of a widget key, for frames on the company's own pages.

What is asked for below ``/widget/frame/pk_…/`` is answered by the same views as on our own pages, with the session of
the frame in the place of theirs, and may be framed by the key's origins alone. Addresses that views write lead below it
again. Everything else of the site is not there.
"""

import json
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils.cache import add_never_cache_headers

from conversations.chat.session import VISITOR_KEY
from conversations.models import WidgetKey
from conversations.widget.limits import session_count
from conversations.widget.refusing import refused_page
from conversations.widget.selectors import appearance, widget_key_get
from conversations.widget.session import frame_path, session_keep, session_open
from omnicqm.common.errors import NotAllowed, OmniError
from omnicqm.common.networks import network_of

_BELOW = re.compile(r"/widget/frame/(?P<key>pk_[a-z0-9]{1,37})(?P<rest>/.*)")
MOUNTED = ("/chat/", "/widget/session/", "/api/v1/feedback")
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class WidgetMountMiddleware:
    """Stands right behind the session middleware, whose session it puts aside."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.widget = None  # type: ignore[attr-defined]
        found = _BELOW.fullmatch(request.path_info)
        if found is None:
            return self.get_response(request)
        if not found["rest"].startswith(MOUNTED):
            return HttpResponse(status=404)
        try:
            key = widget_key_get(found["key"])
            _origin_of_post_check(request)
            return self._answer(request, key, found["rest"])
        except OmniError as error:
            return _refusal(request, error)

    def _answer(self, request: HttpRequest, key: WidgetKey, rest: str) -> HttpResponseBase:
        ours, prefix = request.session, get_script_prefix()
        request.session = session = session_open(request.COOKIES, key)
        is_new = VISITOR_KEY not in session
        request.widget, request.widget_look = key, json.dumps(appearance(key))  # type: ignore[attr-defined]
        request.path_info = rest
        # The page's origin has been checked, which a token in a cookie of ours could not do better in a frame.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        set_script_prefix(frame_path(key.public_key) + "/")
        try:
            response = self.get_response(request)
            if is_new and VISITOR_KEY in session:
                session_count(network=network_of(request))
            session_keep(request, response, session, key)
        finally:
            set_script_prefix(prefix)
            request.session = ours
        return framed_by(response, key.origins)


def framed_by(response: HttpResponseBase, origins: list[str]) -> HttpResponseBase:
    """Let pages of `origins`, and of nobody else, show `response` in a frame."""
    response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]
    response.headers.pop("X-Frame-Options", None)  # which can name no origins
    # So that pages that isolate themselves (Cross-Origin-Embedder-Policy) can show it too.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def _origin_of_post_check(request: HttpRequest) -> None:
    """What changes something must come from a page of ours, which browsers say in ``Origin``. Raises `NotAllowed`."""
    if request.method in _SAFE:
        return
    ours = f"{request.scheme}://{request.get_host()}"
    if request.headers.get("Origin", "") not in (ours, settings.OMNICQM_BASE_URL):
        raise NotAllowed("This can only be sent from the chat itself. Load the page again.", code="foreign_origin")


def _refusal(request: HttpRequest, error: OmniError) -> HttpResponseBase:
    if request.method not in _SAFE or request.headers.get("Sec-Fetch-Dest") == "empty":
        response: HttpResponseBase = JsonResponse({"code": error.code, "detail": error.message}, status=error.status)
        add_never_cache_headers(response)
        return response
    return refused_page(request, error)
