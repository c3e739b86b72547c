"""What the page of an escalation shows, gathered in few queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.utils.text import Truncator

from conversations.escalations.selectors import escalation_get, escalation_packet
from conversations.follow_ups.selectors import follow_ups_open
from conversations.models import Conversation, Customer, Delivery, Escalation, FollowUp, Identity, Query
from omnicqm.console.conversations import conversations_beside
from omnicqm.console.escalations.knowledge import DocumentCard, document_cards
from omnicqm.console.escalations.score import ScoreCard, score_card
from omnicqm.console.judging import JudgementCard, judgement_cards
from omnicqm.console.thread import Entry, thread_entries

TITLE_WORDS = 9
REPLY_WAYS = {"mail": "by e-mail", "live": "in the chat", "callback": "through the channel's callback"}


@dataclass(frozen=True)
class EscalationPage:
    """Everything on the page but the form. `known_seq` is the newest message the reader sees."""

    escalation: Escalation
    entries: list[Entry]
    known_seq: int
    score: ScoreCard
    documents: list[DocumentCard]
    customer: Customer
    identities: list[Identity]
    other_conversations: list[Conversation]
    promises: list[FollowUp]
    deliveries: list[Delivery]
    judgement: JudgementCard | None

    @property
    def is_active(self) -> bool:
        return self.escalation.state in Escalation.ACTIVE

    @property
    def title(self) -> str:
        """The subject; a matter without one is known by its first words."""
        query = self.escalation.query
        subject = self.escalation.packet.get("subject") or self.escalation.conversation.subject
        return subject or Truncator(query.message.text).words(TITLE_WORDS, truncate=" …")

    @property
    def summary(self) -> str:
        return self.escalation.packet.get("summary", "")

    @property
    def guide(self) -> list[str]:
        return self.escalation.packet.get("guide", [])

    @property
    def follow_ups(self) -> list[dict[str, Any]]:
        """What the customer wrote after the escalation was opened, with the agent's newer suggestions."""
        return self.escalation.packet.get("follow_ups", [])

    @property
    def suggestion(self) -> str:
        """The newest draft: of the last follow-up that has one, else the escalation's own."""
        drafts = [self.escalation.draft, *(note.get("draft", "") for note in self.follow_ups)]
        return next((draft for draft in reversed(drafts) if draft), "")

    @property
    def reply_way(self) -> str:
        return REPLY_WAYS.get(self.escalation.query.channel.reply_by, "")


def escalation_page(escalation_id: str) -> EscalationPage:
    """Raises `EscalationNotFound`."""
    escalation = escalation_get(escalation_id)
    packet = escalation_packet(escalation)
    prefetch_related_objects(packet["messages"], "run")
    customer, run_id = escalation.conversation.customer, escalation.query.run_id
    return EscalationPage(
        escalation=escalation,
        entries=thread_entries(packet["messages"], asking=_asking(escalation)),
        known_seq=packet["known_seq"],
        score=score_card(escalation),
        documents=document_cards(escalation),
        customer=customer,
        identities=list(customer.identities.all()),
        other_conversations=list(conversations_beside(escalation.conversation, customer)),
        promises=list(follow_ups_open(escalation.conversation)),
        judgement=judgement_cards([run_id]).get(run_id or ""),
        deliveries=list(Delivery.objects.filter(message=escalation.reply_id)) if escalation.reply_id else [],
    )


def _asking(escalation: Escalation) -> frozenset[str]:
    """The messages that wait for the consultant's answer; one of a conversation taken over may have one already."""
    if escalation.state not in Escalation.ACTIVE:
        return frozenset()
    query = escalation.query
    waiting = Query.objects.filter(Q(pk=query.pk) | Q(answered_with=query.pk), reply=None)
    return frozenset(waiting.values_list("message_id", flat=True))
