"""The page of a conversation: the thread on all channels beside the customer's card, to read."""

from dataclasses import dataclass

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conversations.models import Conversation, Customer, Escalation, Identity, Message
from omnicqm.console.thread import Entry, thread_entries

VIEW = "conversations.view_conversation"
OTHERS = 6


@dataclass(frozen=True)
class ConversationPage:
    entries: list[Entry]
    identities: list[Identity]
    other_conversations: list[Conversation]
    open_escalation: Escalation | None


def conversation_view(request: HttpRequest, *, site: AdminSite, conversation: Conversation) -> HttpResponse:
    """Show `conversation`; its customer and the consultant who has it should be selected with it."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    context = {
        **site.each_context(request),
        "title": conversation.subject or conversation.reference,
        "conversation": conversation,
        "customer": conversation.customer,
        "page": _page(conversation),
    }
    return render(request, "console/conversation.html", context)


def _page(conversation: Conversation) -> ConversationPage:
    thread = Message.objects.filter(conversation=conversation).select_related("channel", "consultant", "run")
    active = Escalation.objects.filter(conversation=conversation, state__in=Escalation.ACTIVE)
    return ConversationPage(
        entries=thread_entries(thread.prefetch_related("attachments").order_by("seq")),
        identities=list(conversation.customer.identities.all()),
        other_conversations=list(conversations_beside(conversation, conversation.customer)),
        open_escalation=active.first(),
    )


def conversations_beside(conversation: Conversation, customer: Customer) -> QuerySet[Conversation]:
    """The customer's other conversations, the latest first."""
    return Conversation.objects.filter(customer=customer).exclude(pk=conversation.pk).order_by("-updated_at")[:OTHERS]
