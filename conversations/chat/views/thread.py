"""The chat page, and the earlier messages of a long thread."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from conversations.chat.selectors import (
    conversation_get,
    conversation_latest,
    conversations_listed,
    frames_before,
    messages_latest,
    state_frame,
)
from conversations.chat.session import Browser
from conversations.chat.styles import style_allow, style_text
from conversations.chat.views.common import browser_of, notice_show, page_render
from conversations.models import Conversation
from omnicqm.common.api.problems import problem_response
from omnicqm.common.errors import InvalidInput, OmniError

# What static/chat/chat.js imports, and what that imports; a test holds it against the files.
SCRIPT_MODULES = (
    *("composer.js", "connection.js", "days.js", "dom.js", "history.js", "kept.js", "message.js", "outbox.js"),
    *("rating.js", "recorder.js", "safe_html.js", "sources.js", "state.js", "thread.js", "times.js", "voice.js"),
    "words.js",
)
MOST_SHOWN = 50  # and as many more each time the reader asks for earlier ones
_MOST_SEQ = 2**31 - 1


@gzip_page
@never_cache
@require_GET
def chat(request: HttpRequest) -> HttpResponse:
    """The conversation that something was last said in, or a new one."""
    browser = browser_of(request)
    return _chat_page(request, browser, conversation_latest(browser))


@gzip_page
@never_cache
@require_GET
def chat_new(request: HttpRequest) -> HttpResponse:
    return _chat_page(request, browser_of(request), None)


@gzip_page
@never_cache
@require_GET
def conversation(request: HttpRequest, conversation_id: str) -> HttpResponse:
    browser = browser_of(request)
    try:
        return _chat_page(request, browser, conversation_get(browser=browser, conversation_id=conversation_id))
    except OmniError as error:
        return notice_show(request, error, title="refused_title")


@never_cache
@require_GET
def messages(request: HttpRequest, conversation_id: str) -> HttpResponse:
    """``?before=SEQ``: the messages before it as the websocket's frames, at most `MOST_SHOWN`, in order."""
    try:
        before = _seq_read(request.GET.get("before", ""))
        found = conversation_get(browser=browser_of(request), conversation_id=conversation_id)
        frames, is_begun = frames_before(found.pk, before=before, most=MOST_SHOWN)
    except OmniError as error:
        answer = problem_response(error)
        assert answer is not None
        return answer
    return JsonResponse({"messages": frames, "is_beginning": is_begun})


def _seq_read(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12) or not 1 <= int(text) <= _MOST_SEQ:
        raise InvalidInput("'before' is the number of the first message you have.", param="before")
    return int(text)


def _chat_page(request: HttpRequest, browser: Browser, shown: Conversation | None) -> HttpResponse:
    get_token(request)  # sets the cookie: what the page posts to the API needs it
    messages = messages_latest(shown.pk, most=MOST_SHOWN) if shown else []
    context = {
        "browser": browser,
        "conversation": shown,
        "conversations": conversations_listed(browser),
        "messages": messages,
        "seq": messages[-1].seq if messages else 0,
        "is_shortened": len(messages) == MOST_SHOWN,
        "script_modules": SCRIPT_MODULES,
        "state": state_frame(shown.pk) if shown else None,
        "style": style_text(),
    }
    response = page_render(request, "chat/chat.html", context)
    style_allow(response)
    return response
