"""What customers may do with what is theirs: take it along, call it solved, have it deleted, choose its language."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.chat.erasing import chat_data_erase, needs_sign_in
from conversations.chat.events import browser_disconnect
from conversations.chat.language import language_choose, language_of
from conversations.chat.selectors import conversation_get
from conversations.chat.services import chat_conversation_resolve
from conversations.chat.session import Browser, browser_sign_out
from conversations.chat.transcript import transcript_lines
from conversations.chat.views.common import browser_of, notice_show, page_render
from conversations.erasure.matters import matters_open
from conversations.words import error_text, word
from omnicqm.common.errors import OmniError


@never_cache
@require_GET
def transcript(request: HttpRequest, conversation_id: str) -> HttpResponseBase:
    """The conversation as a text file."""
    try:
        found = conversation_get(browser=browser_of(request), conversation_id=conversation_id)
    except OmniError as error:
        return notice_show(request, error, title="refused_title")
    pieces = (piece.encode() for piece in transcript_lines(found, language=language_of(request)))
    headers = {"Content-Disposition": f'attachment; filename="{found.reference}.txt"'}
    return StreamingHttpResponse(pieces, content_type="text/plain; charset=utf-8", headers=headers)


@never_cache
@require_POST
def resolve(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """The customer's question is solved."""
    try:
        chat_conversation_resolve(browser=browser_of(request), conversation_id=conversation_id)
    except OmniError as error:
        return notice_show(request, error, title="error_title")
    return redirect("chat:conversation", conversation_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data_erase(request: HttpRequest) -> HttpResponse:
    """Say what deleting means and what is still open; only the ticked box and the button do it."""
    browser = browser_of(request)
    if request.method != "POST":
        return _erase_page(request, browser)
    if request.POST.get("sure") != "yes":
        return _erase_page(request, browser, problem=word(language_of(request), "page", "erase_sure_needed"))
    try:
        erasure = chat_data_erase(browser=browser)
    except OmniError as error:
        return _erase_page(request, browser, problem=error_text(language_of(request), error))
    browser_sign_out(request.session)
    browser_disconnect(browser.visitor)
    return page_render(request, "chat/erased.html", {"is_done": erasure is not None})


def _erase_page(request: HttpRequest, browser: Browser, *, problem: str = "") -> HttpResponse:
    asks_sign_in = needs_sign_in(browser)
    known = browser.customer if not asks_sign_in else None  # nobody reads here what they may not see elsewhere
    context: dict[str, Any] = {
        "browser": browser,
        "open_matters": matters_open(known) if known else [],
        "needs_sign_in": asks_sign_in,
        "problem": problem,
    }
    return page_render(request, "chat/erase.html", context, status=400 if problem else 200)


@never_cache
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Speak to this browser in another language from now on."""
    language_choose(request, request.POST.get("language", ""))
    browser_of(request)
    return redirect("chat:chat")
