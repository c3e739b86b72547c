"""Cases that a consultant has answered, with what the agent had suggested."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from conversations.escalations.services import escalation_open, escalation_reply
from conversations.models import Conversation, Customer, Escalation, Message, Suggestion
from tests.console.people import result_make
from tests.conversations.people import conversation_make, customer_make, query_make
from tests.feedback.judged import run_make

QUESTION = "How long is the warranty of a bed frame, and what does it cover?"
DRAFT = "The warranty of a bed frame lasts five years and covers faults of material and workmanship. [1]"


def consultant(name: str = "robin") -> User:
    values = {"first_name": "Robin", "last_name": "Hale", "is_staff": True}
    return User.objects.get_or_create(username=name, defaults=values)[0]


def case_make(
    question: str = QUESTION, draft: str = DRAFT, *, customer: Customer | None = None, **run: Any
) -> Escalation:
    """An escalation with the draft of a run; with ``shadow=…`` the run wrote it and nobody was shown it."""
    number = Conversation.objects.count()
    customer = customer or customer_make(f"marta{number}@example.org", display_name="Marta Lindgren")
    conversation = conversation_make(customer, category="product", subject="Bed frame")
    query = query_make(conversation, question)
    values = {"category": "product", "prompt_version": "1-1", **run}
    query.run = run_make(draft, decision="escalate", origin=query.pk, **values)
    query.save()
    shown = "" if values.get("shadow") else draft
    result = result_make(run_id=query.run_id, reply_text=shown, category="product", language="en")
    return escalation_open(conversation=conversation, queries=[query], result=result)


def answer(escalation: Escalation, text: str, user: User | None = None, **shown: Any) -> Message:
    seen = Conversation.objects.get(pk=escalation.conversation_id).last_seq
    return escalation_reply(escalation=escalation, user=user or consultant(), text=text, known_seq=seen, **shown)


def suggestion_make(escalation: Escalation, text: str, **fields: Any) -> Suggestion:
    """Another draft that a worker has written at the consultant's wish."""
    values = {"kind": "again", "state": "done", "model_used": "local-extractive", "finished_at": timezone.now()}
    return Suggestion.objects.create(escalation=escalation, user=consultant(), text=text, **{**values, **fields})


def answered(text: str, **case: Any) -> Message:
    return answer(case_make(**case), text)
