"""The widget's doors: the loader, the entrance of the frame, and what the chat in the frame asks for."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from conversations.chat.events import browser_disconnect
from conversations.chat.session import VISITOR_KEY, browser_get, browser_sign_out, visitor_ensure
from conversations.models import WidgetKey
from conversations.widget.identifying import browser_identify
from conversations.widget.limits import frame_count, identify_count
from conversations.widget.loader import loader_response
from conversations.widget.origins import origin_read
from conversations.widget.refusing import refused_page
from conversations.widget.selectors import has_thread, origin_check, unread_count, widget_key_get
from conversations.widget.session import SEEN_KEY, frame_path
from omnicqm.common.errors import InvalidInput, OmniError
from omnicqm.common.networks import network_of

MOST_BODY = 8192
_PAGES = {"boot": "widget/session/boot/", "chat": "chat/"}


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """``/widget/v1.js``: the script that pages include."""
    return loader_response(request)


@never_cache
@require_GET
def entrance(request: HttpRequest) -> HttpResponseBase:
    """``/widget/frame/?key=pk_…&origin=https://…``: to the frame's first page, or why there is none.

    `origin` is what the launcher says of its page. A page that lies gains nothing: the browser shows the frame to the
    key's own origins only.
    """
    origin = origin_read(request.GET.get("origin", ""))
    try:
        key = widget_key_get(request.GET.get("key", ""))
        origin_check(key, origin)
        frame_count(key=key, origin=origin, network=network_of(request))
    except OmniError as error:
        return refused_page(request, error)
    page = _PAGES.get(request.GET.get("page", ""), _PAGES["boot"])
    response = HttpResponseRedirect(f"{frame_path(key.public_key)}/{page}")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


@never_cache
@require_GET
def boot(request: HttpRequest) -> HttpResponse:
    """The frame's page before somebody opens the chat: it says how the launcher looks, and begins no session."""
    _key(request)
    browser = browser_get(request.session)
    unread = unread_count(browser, request.session)
    return render(request, "widget/boot.html", {"page": "boot", "unread": unread, "has_thread": has_thread(browser)})


@never_cache
@require_GET
def state(request: HttpRequest) -> JsonResponse:
    """How many replies wait to be seen."""
    _key(request)
    browser = browser_get(request.session)
    return JsonResponse({"unread": unread_count(browser, request.session), "has_thread": has_thread(browser)})


@never_cache
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """The chat is before somebody's eyes."""
    _key(request)
    if VISITOR_KEY in request.session:
        request.session[SEEN_KEY] = timezone.now().isoformat()
    return HttpResponse(status=204)


@never_cache
@require_POST
def identify(request: HttpRequest) -> JsonResponse:
    """The page says who its visitor is, with a token its server has signed."""
    key = _key(request)
    try:
        identify_count(visitor=visitor_ensure(request.session), network=network_of(request))
        identified = browser_identify(session=request.session, key=key, token=_token(request))
    except OmniError as error:
        return JsonResponse({"code": error.code, "detail": error.message}, status=error.status)
    if identified.changed:
        browser_disconnect(identified.left_visitor)
    return JsonResponse({"changed": identified.changed})


@never_cache
@require_POST
def logout(request: HttpRequest) -> JsonResponse:
    """Forget who this was, the visitor and their thread included."""
    _key(request)
    visitor = request.session.get(VISITOR_KEY)
    browser_sign_out(request.session)
    request.session.pop(SEEN_KEY, None)
    if visitor:
        browser_disconnect(visitor)
    return JsonResponse({"changed": bool(visitor)})


def entrance_url(key: WidgetKey, origin: str) -> str:
    """The path by which a page of `origin` enters; for tests and tools."""
    return "/widget/frame/?" + urlencode({"key": key.public_key, "origin": origin})


def _key(request: HttpRequest) -> WidgetKey:
    """The key of the frame; these views are nowhere else."""
    key: WidgetKey | None = getattr(request, "widget", None)
    if key is None:
        raise Http404
    return key


def _token(request: HttpRequest) -> str:
    try:
        body: Any = json.loads(request.body) if len(request.body) <= MOST_BODY else None
    except ValueError:
        body = None
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str):
        raise InvalidInput(
            "Give identify() the token that your server has signed.", param="token", code="token_invalid"
        )
    return token
