"""What every page of customers needs: who it is for, and its words in their language."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from conversations.chat.language import language_note, language_of
from conversations.chat.session import Browser, browser_get, visitor_ensure
from conversations.words import error_text, word
from omnicqm.common.errors import OmniError


def browser_of(request: HttpRequest) -> Browser:
    """Who is at the other end; a first visit makes a visitor of them."""
    visitor_ensure(request.session)
    language_note(request)
    browser = browser_get(request.session)
    assert browser
    return browser


def page_render(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page in its reader's language, Django's own texts and dates included."""
    with translation.override(language_of(request)):
        response = render(request, template, context, status=status)
    response["Content-Language"] = language_of(request)
    return response


def form_again(request: HttpRequest, template: str, form: Any, error: OmniError, **context: Any) -> HttpResponse:
    """The form with what was wrong, at the field where it was."""
    form.add_error(error.param if error.param in form.fields else None, error_text(language_of(request), error))
    return page_render(request, template, {"form": form, **context}, status=error.status)


def notice_show(request: HttpRequest, error: OmniError, *, title: str) -> HttpResponse:
    """A page that says why there is nothing to see; `title` names one of the words of pages."""
    language = language_of(request)
    context = {"title": word(language, "page", title), "text": error_text(language, error)}
    return page_render(request, "chat/notice.html", context, status=error.status)
