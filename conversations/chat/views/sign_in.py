"""Signing in to the chat, and out."""

from dataclasses import replace

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from conversations.chat.events import browser_disconnect
from conversations.chat.forms import AddressForm, CodeForm
from conversations.chat.known import browser_is_known, known_remember
from conversations.chat.language import language_of
from conversations.chat.links import ContinueLink, LinkNotValid, LinkUsed, continue_link_open, continue_link_spend
from conversations.chat.session import MASKED_KEY, browser_sign_out, visitor_ensure
from conversations.chat.sign_in import (
    mailbox_owner_sign_in,
    sign_in_awaited,
    sign_in_code_send,
    sign_in_code_use,
)
from conversations.chat.views.common import browser_of, form_again, notice_show, page_render
from omnicqm.common.errors import OmniError
from omnicqm.common.networks import network_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an address and send a code to it; the answer is the same for every address."""
    browser = browser_of(request)
    if browser.is_signed_in:
        return redirect("chat:chat")
    form = _fitted(request, AddressForm(request.POST or None, language=language_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            _code_send(request, form.cleaned_data["email"])
            return redirect("chat:sign_in_code")
        except OmniError as error:
            return form_again(request, "chat/sign_in.html", form, error)
    return page_render(request, "chat/sign_in.html", {"form": form, "browser": browser})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    awaited = sign_in_awaited(request.session)
    if awaited is None:
        return redirect("chat:sign_in")
    is_secret = bool(request.session.get(MASKED_KEY))
    shown = {"email": address_masked(awaited.email) if is_secret else awaited.email, "is_masked": is_secret}
    form = _fitted(request, CodeForm(request.POST or None, language=language_of(request), digits=awaited.digits))
    if request.method == "POST" and form.is_valid():
        visitor = visitor_ensure(request.session)
        try:
            sign_in_code_use(session=request.session, code=form.cleaned_data["code"])
        except OmniError as error:
            return form_again(request, "chat/sign_in_code.html", form, error, **shown)
        browser_disconnect(visitor)
        return known_remember(request, redirect("chat:chat"), awaited.email)
    return page_render(request, "chat/sign_in_code.html", {"form": form, **shown})


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    visitor = visitor_ensure(request.session)
    browser_sign_out(request.session)
    browser_disconnect(visitor)
    return redirect("chat:chat")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def continue_in_chat(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a reply by mail. Opening it changes nothing, for mail scanners open links too; the button does."""
    try:
        link = continue_link_open(token)
        browser = browser_of(request)
        if browser.identity is not None and browser.identity.customer_id == link.identity.customer_id:
            return redirect("chat:conversation", link.conversation.pk)
        if request.method == "POST" and request.POST.get("do") == "code":
            return _code_instead(request, link)
        if request.method == "POST":
            return _continue(request, token, link)
    except LinkUsed:
        return _continue_page(request, replace(link, is_spent=True), status=409)
    except LinkNotValid as error:
        return notice_show(request, error, title="link_title")
    return _continue_page(request, link)


def _continue(request: HttpRequest, token: str, link: ContinueLink) -> HttpResponse:
    """Sign in, once. What was written here before comes along, unless it is said to be somebody else's."""
    before = visitor_ensure(request.session)
    with transaction.atomic():
        continue_link_spend(token, visitor=before)
        if request.POST.get("leave"):
            browser_sign_out(request.session)
        mailbox_owner_sign_in(session=request.session, email=link.identity.value, by="link")
    browser_disconnect(before)
    return known_remember(request, redirect("chat:conversation", link.conversation.pk), link.identity.value)


def _code_instead(request: HttpRequest, link: ContinueLink) -> HttpResponse:
    """A used link still knows where a code can go; who holds it need not be told the address."""
    try:
        _code_send(request, link.identity.value)
    except OmniError as error:
        return notice_show(request, error, title="code_refused_title")
    request.session[MASKED_KEY] = True
    return redirect("chat:sign_in_code")


def _continue_page(request: HttpRequest, link: ContinueLink, *, status: int = 200) -> HttpResponse:
    context = {
        "conversation": link.conversation,
        "address": address_masked(link.identity.value),
        "is_spent": link.is_spent,
        "browser": browser_of(request),
    }
    return page_render(request, "chat/continue.html", context, status=status)


def _code_send(request: HttpRequest, email: str) -> None:
    request.session.pop(MASKED_KEY, None)
    known = browser_is_known(request, email)
    sign_in_code_send(session=request.session, email=email, network=network_of(request), is_known=known)


def address_masked(address: str) -> str:
    """``maria@example.com`` as ``m•••@example.com``: enough to know it by, too little to learn it from."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _fitted[F: Form](request: HttpRequest, form: F) -> F:
    """In a frame on somebody's page browsers refuse to take the focus by themselves; the launcher gives it."""
    if getattr(request, "widget", None) is not None:
        for field in form.fields.values():
            field.widget.attrs.pop("autofocus", None)
    return form
