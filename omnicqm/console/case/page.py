"""What the page of a case shows, gathered in few queries. What is seldom looked at is read when it is (`parts`)."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator

from agents.selectors import weights_resolve
from conversations.desk.selectors import macros_for
from conversations.desk.services import macro_render
from conversations.errors import EscalationNotFound
from conversations.escalations.clocks import Clock, clocks_running
from conversations.escalations.drafts import Draft, draft_offered
from conversations.models import Delivery, Escalation, HeldReply
from omnicqm.console.case.brief import BriefCard, brief_card
from omnicqm.console.case.customer import CustomerCard, customer_card
from omnicqm.console.case.guide import GuideCard, category_of, guide_card
from omnicqm.console.case.knowledge import DocumentCard, document_cards
from omnicqm.console.case.score import ScoreCard, score_card
from omnicqm.console.case.window import Window, thread_window
from omnicqm.console.judging import JudgementCard, judgement_cards

TITLE_WORDS = 9
MACROS = 40
REPLY_WAYS = {"mail": "by e-mail", "live": "in the chat", "callback": "through the channel's callback"}


@dataclass(frozen=True)
class MacroText:
    """A macro as it would be said here."""

    title: str
    text: str
    fits: bool  # made for this category


@dataclass(frozen=True)
class CasePage:
    """Everything on the page but what the editor holds. `known_seq` is the newest message on it, `draft` what is
    offered."""

    escalation: Escalation
    draft: Draft
    window: Window
    known_seq: int
    brief: BriefCard
    score: ScoreCard
    guide: GuideCard
    documents: list[DocumentCard]
    customer: CustomerCard
    category: str
    deliveries: list[Delivery]
    judgement: JudgementCard | None
    macros: list[MacroText] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return self.escalation.state in Escalation.ACTIVE

    @property
    def title(self) -> str:
        """The subject; a matter without one is known by its first words."""
        subject = self.escalation.packet.get("subject") or self.escalation.conversation.subject
        return subject or Truncator(self.escalation.query.message.text).words(TITLE_WORDS, truncate=" …")

    @property
    def is_discarded(self) -> bool:
        return "discarded" in self.escalation.packet and not self.draft.text

    @property
    def held(self) -> HeldReply | None:
        """The reply that is about to go out."""
        found = held_of(self.escalation)
        return found if found is not None and found.state == HeldReply.State.HELD else None

    @property
    def stopped(self) -> HeldReply | None:
        """The reply that could not go out."""
        found = held_of(self.escalation)
        return found if found is not None and found.state == HeldReply.State.STOPPED and self.is_active else None

    @property
    def stamp(self) -> str:
        return stamp_of(self.escalation, self.draft)

    @property
    def reply_way(self) -> str:
        return REPLY_WAYS.get(self.escalation.query.channel.reply_by, "")

    @property
    def clocks(self) -> list[Clock]:
        return clocks_running(self.escalation)

    @property
    def is_snoozed(self) -> bool:
        until = self.escalation.snoozed_until
        return until is not None and until > timezone.now()


def case_get(escalation_id: str) -> Escalation:
    """Raises `EscalationNotFound`."""
    related = "conversation__customer", "query__channel", "query__message", "assignee", "reply", "brief"
    rows: QuerySet[Escalation] = Escalation.objects.select_related(*related, "held_reply__user")
    row = rows.filter(pk=escalation_id).first()
    if row is None:
        raise EscalationNotFound("There is no such escalation.")
    return row


def case_page(escalation: Escalation, *, user: Any) -> CasePage:
    """`escalation` as `case_get` returns it."""
    window, guide, draft = thread_window(escalation), guide_card(escalation), draft_offered(escalation)
    run_id = draft.run_id if draft.text else escalation.query.run_id
    active = escalation.state in Escalation.ACTIVE
    next_step = guide.next.text if guide.next else ""
    return CasePage(
        escalation=escalation,
        draft=draft,
        window=window,
        known_seq=window.last_seq,
        brief=brief_card(escalation, said=window.said, next_step=next_step if active else ""),
        score=score_card(escalation, weights_resolve(escalation.packet.get("category", ""))),
        guide=guide,
        documents=document_cards(escalation, draft),
        customer=customer_card(escalation),
        category=category_of(escalation),
        judgement=judgement_cards([run_id]).get(run_id or "") if active else None,
        deliveries=list(Delivery.objects.filter(message=escalation.reply_id)) if escalation.reply_id else [],
        macros=_macros(escalation, user) if active else [],
    )


def _macros(escalation: Escalation, user: Any) -> list[MacroText]:
    """Those of the category first."""
    category = category_of(escalation)
    return [
        MacroText(row.title, macro_render(macro=row, escalation=escalation, user=user), row.category == category)
        for row in macros_for(category)[:MACROS]
    ]


def held_of(escalation: Escalation) -> HeldReply | None:
    return getattr(escalation, "held_reply", None)


def stamp_of(escalation: Escalation, draft: Draft) -> str:
    """How the case stands while `draft` is offered; another one says that somebody did something, or that another draft
    is."""
    held = held_of(escalation)
    parts = [escalation.state, escalation.assignee_id or "", escalation.snoozed_until or ""]
    parts.append(f"{held.pk}:{held.state}:{held.send_at:%s}" if held else "")
    return "|".join(map(str, [*parts, draft.key]))
