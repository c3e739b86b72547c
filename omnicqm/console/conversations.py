"""The page of a conversation: the thread on all channels beside the customer's card, and the way to take it over."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator

from conversations.escalations.taking_over import conversation_take_over
from conversations.follow_ups.selectors import follow_ups_open
from conversations.models import Conversation, Customer, Escalation, FollowUp, Identity, Message
from omnicqm.common.errors import OmniError
from omnicqm.console.thread import Entry, thread_entries

VIEW, TAKE_OVER = "conversations.view_conversation", "conversations.change_escalation"
OTHERS = 6
TITLE_WORDS = 9


@dataclass(frozen=True)
class ConversationPage:
    title: str
    entries: list[Entry]
    identities: list[Identity]
    other_conversations: list[Conversation]
    promises: list[FollowUp]
    open_escalation: Escalation | None


def conversation_view(request: HttpRequest, *, site: AdminSite, conversation: Conversation) -> HttpResponse:
    """Show `conversation`, whose customer and consultant should be selected with it; a POST takes it over."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.method == "POST":
        return _take_over(request, conversation)
    page = _page(conversation)
    context = {
        **site.each_context(request),
        "title": page.title,
        "conversation": conversation,
        "customer": conversation.customer,
        "page": page,
        "may_take_over": request.user.has_perm(TAKE_OVER),
    }
    return render(request, "console/conversation.html", context)


def _take_over(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    """On to the escalation to work on, or back to the conversation with the reason why not."""
    if not request.user.has_perm(TAKE_OVER):
        raise PermissionDenied
    user: Any = request.user
    try:
        escalation = conversation_take_over(conversation=conversation, user=user)
    except OmniError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(request.path)
    messages.success(request, "This conversation is yours now. The assistant is silent until you reply or close it.")
    return HttpResponseRedirect(reverse("admin:conversations_escalation_change", args=[escalation.pk]))


def _page(conversation: Conversation) -> ConversationPage:
    thread = Message.objects.filter(conversation=conversation).select_related("channel", "consultant", "run")
    active = Escalation.objects.filter(conversation=conversation, state__in=Escalation.ACTIVE)
    entries = thread_entries(thread.prefetch_related("attachments").order_by("seq"))
    return ConversationPage(
        title=conversation.subject or _first_words(entries) or conversation.reference,
        entries=entries,
        identities=list(conversation.customer.identities.all()),
        other_conversations=list(conversations_beside(conversation, conversation.customer)),
        promises=list(follow_ups_open(conversation)),
        open_escalation=active.first(),
    )


def _first_words(entries: list[Entry]) -> str:
    said = next((entry.message.text for entry in entries if entry.side == "customer"), "")
    return Truncator(said).words(TITLE_WORDS, truncate=" …")


def conversations_beside(conversation: Conversation, customer: Customer) -> QuerySet[Conversation]:
    """The customer's other conversations, the latest first."""
    return Conversation.objects.filter(customer=customer).exclude(pk=conversation.pk).order_by("-updated_at")[:OTHERS]
