"""Signing in to the chat, and out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from conversations.chat.events import browser_disconnect
from conversations.chat.forms import AddressForm, CodeForm
from conversations.chat.language import language_of
from conversations.chat.links import continue_link_open
from conversations.chat.session import browser_sign_out, visitor_ensure
from conversations.chat.sign_in import (
    mailbox_owner_sign_in,
    sign_in_code_send,
    sign_in_code_use,
    sign_in_email,
)
from conversations.chat.views.common import browser_of, form_again, network_of, notice_show, page_render
from omnicqm.common.errors import OmniError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for an address and send a code to it; the answer is the same for every address."""
    if browser_of(request).is_signed_in:
        return redirect("chat:chat")
    form = AddressForm(request.POST or None, language=language_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            sign_in_code_send(session=request.session, email=form.cleaned_data["email"], network=network_of(request))
            return redirect("chat:sign_in_code")
        except OmniError as error:
            return form_again(request, "chat/sign_in.html", form, error)
    return page_render(request, "chat/sign_in.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    email = sign_in_email(request.session)
    if not email:
        return redirect("chat:sign_in")
    form = CodeForm(request.POST or None, language=language_of(request))
    if request.method == "POST" and form.is_valid():
        visitor = visitor_ensure(request.session)
        try:
            sign_in_code_use(session=request.session, code=form.cleaned_data["code"])
        except OmniError as error:
            return form_again(request, "chat/sign_in_code.html", form, error, email=email)
        browser_disconnect(visitor)
        return redirect("chat:chat")
    return page_render(request, "chat/sign_in_code.html", {"form": form, "email": email})


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
    except OmniError as error:
        return notice_show(request, error, title="link_title")
    browser = browser_of(request)
    if request.method == "POST":
        mailbox_owner_sign_in(session=request.session, email=link.identity.value, by="link")
        browser_disconnect(browser.visitor)
        return redirect("chat:conversation", link.conversation.pk)
    if browser.identity is not None and browser.identity.customer_id == link.identity.customer_id:
        return redirect("chat:conversation", link.conversation.pk)
    context = {"conversation": link.conversation, "address": address_masked(link.identity.value)}
    return page_render(request, "chat/continue.html", context)


def address_masked(address: str) -> str:
    """``maria@example.com`` as ``m•••@example.com``: enough to know it by, too little to learn it from."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
