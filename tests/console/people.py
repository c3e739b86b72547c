"""Staff and an escalation for every test about the console."""

from typing import Any

from django.contrib.auth.models import User

from agents.types import Decision, Factor, FactorFinding, RunResult, Source
from conversations.escalations.services import escalation_open
from conversations.models import Conversation, Escalation, Message, Query
from conversations.services.messages import message_append
from omnicqm.console.roles import groups_ensure
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

PASSWORD = "a long enough password"
COMPLAINT = (
    "This is the third time that my dining table did not arrive. As a Premium member I find this unacceptable.\n\n"
    "I need an answer today!"
)
DRAFT = "Dear Ms Raman,\n\nyou can choose a new date in your account under **My orders**.\n\nKind regards"


def admin_make(username: str = "boss") -> User:
    return User.objects.create_superuser(username, password=PASSWORD, first_name="Alex", last_name="Morgan")


def consultant_make(username: str = "robin", **fields: Any) -> User:
    names = {"first_name": "Robin", "last_name": "Hale", **fields}
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True, **names)
    user.groups.add(groups_ensure())
    return user


def source_make(title: str = "Delivery: options, costs and times", **fields: Any) -> Source:
    values = {"document_id": "doc_x", "external_id": "delivery", "version": 1, "chunk_id": "chk_1", "score": 0.8}
    return Source(title=title, quote="You can move it free of charge until 12 noon.", **{**values, **fields})


def result_make(**fields: Any) -> RunResult:
    """A run that ended as the angry complaint of a Premium customer does: 100 - 50 - 30 - 15 = 5."""
    values: dict[str, Any] = {
        "run_id": None,
        "decision": Decision.ESCALATE,
        "reasons": ("score_below_threshold",),
        "blockers": (),
        "score": 5,
        "threshold": 80,
        "factors": {
            Factor.PREMIUM_COMPLAINTS: FactorFinding(1, 50, ("did not arrive",)),
            Factor.ANGRY_FRUSTRATED_TONE: FactorFinding(1, 30, ("unacceptable",)),
            Factor.URGENCY: FactorFinding(1, 15, ("an answer today",)),
        },
        "explanation": "Routed to a consultant because of premium complaints (-50), angry/frustrated tone (-30) "
        "and urgency (-15). The confidence score is 5.",
        "intent": "complaint",
        "category": "delivery",
        "support": 0.9,
        "reply_text": DRAFT,
        "sources": (source_make(),),
        "model_used": "local-extractive",
        "latency_ms": 120,
        "summary": "A Premium customer complains that a dining table missed its third delivery date.",
        "details": {
            "guide": ["Claim the case.", "Read the whole history.", "Call the depot before you write."],
            "passages": [
                {
                    "document_id": "doc_y",
                    "external_id": "premium-complaints",
                    "title": "Internal: complaints of Premium members",
                    "version": 1,
                    "chunk_id": "chk_2",
                    "heading": "The first ten minutes",
                    "text": "Claim the case, so that nobody else works on it.\nThen call the depot.",
                    "relevance": 0.7,
                    "internal": True,
                }
            ],
        },
    }
    return RunResult(**{**values, **fields})


def escalation_make(
    email: str = "priya@example.org", text: str = COMPLAINT, *, channel: str = "outlook", **result: Any
) -> Escalation:
    """A Premium customer asked something before, then complains: an open escalation with draft and packet."""
    customer = customer_make(
        email,
        display_name="Priya Raman",
        service_level="premium",
        language="en",
        profile={"FavouriteStore": "Lakeview"},
    )
    conversation = conversation_make(customer, subject="Third delivery date missed")
    question_answered(conversation)
    query = query_make(conversation, text, channel=channel, subject=conversation.subject)
    return escalation_open(conversation=conversation, queries=[query], result=result_make(**result))


def question_answered(conversation: Conversation) -> Message:
    """An earlier chat question with the assistant's answer."""
    query = query_make(conversation, "When will my table be delivered?", channel="chat")
    reply = message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        channel=channel_get("chat"),
        text="Furniture arrives within **5 to 10 working days**.",
        html="<p>Furniture arrives within <strong>5 to 10 working days</strong>.</p>",
        sources=[{"title": "Delivery: options, costs and times", "quote": "5 to 10 working days", "chunk_id": "chk_1"}],
    )
    now = query.created_at
    Query.objects.filter(pk=query.pk).update(status=Query.Status.ANSWERED, reply=reply, finished_at=now)
    return reply
