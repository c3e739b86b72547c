"""The canonical data: who speaks with us, about what, and what we owe them."""

from conversations.models.answers import Delivery, Escalation, Query
from conversations.models.erasures import Erasure
from conversations.models.follow_ups import FollowUp
from conversations.models.insights import Insight, InsightFlight
from conversations.models.interactions import Interaction
from conversations.models.people import Channel, Customer, Identity
from conversations.models.sign_in import SignInCode
from conversations.models.speech import Transcription
from conversations.models.threads import Attachment, Conversation, Message
from conversations.models.widget import SpentToken, WidgetKey

__all__ = [
    "Attachment",
    "Channel",
    "Conversation",
    "Customer",
    "Delivery",
    "Erasure",
    "Escalation",
    "FollowUp",
    "Identity",
    "Insight",
    "InsightFlight",
    "Interaction",
    "Message",
    "Query",
    "SignInCode",
    "SpentToken",
    "Transcription",
    "WidgetKey",
]
