"""A consultant in the console: logs in, opens an escalation, sends an edited reply."""

import time
from dataclasses import dataclass

import httpx
from django.conf import settings

from omnicqm.demo.credentials import KeptCredentials
from omnicqm.demo.story.errors import StoryError
from omnicqm.demo.story.pages import page_form, page_post

LOGIN = "/admin/login/"
SPARE_SECONDS = 30  # for a busy worker


@dataclass(frozen=True)
class Sent:
    """The suggestion that stood in the page, and whether the page says that the reply went out."""

    suggestion: str
    done: bool


def console_login(http: httpx.Client, credentials: KeptCredentials) -> None:
    fields = page_form(http.get(LOGIN))
    login = {"username": credentials.consultant_user, "password": credentials.consultant_password, "next": "/admin/"}
    page = page_post(http, LOGIN, {**fields, **login})
    if page.url.path == LOGIN:
        raise StoryError("The consultant's password was changed; the story cannot log in to the console.")


def escalation_answer(http: httpx.Client, escalation_id: str, text: str) -> Sent:
    """Replace the suggested reply by `text`, press Send, and let the seconds pass in which it could be taken back."""
    address = f"/admin/conversations/escalation/{escalation_id}/change/"
    fields = page_form(http.get(address), "form[data-reply-form]")
    page = page_post(http, address, {**fields, "text": text, "do": "send"})
    until = time.monotonic() + settings.REPLY_UNDO_S + SPARE_SECONDS
    while not (done := "Reply sent" in page.text) and "goes out" in page.text and time.monotonic() < until:
        time.sleep(0.5)
        page = http.get(address)
    return Sent(suggestion=fields["text"], done=done)
