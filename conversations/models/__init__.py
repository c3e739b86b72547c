"""The canonical data: who speaks with us, about what, and what we owe them."""

from conversations.models.answers import Delivery, Query
from conversations.models.assisting import CaseBrief, Suggestion
from conversations.models.crm import CrmCase
from conversations.models.desk import (
    BusinessHours,
    Consultant,
    Guide,
    GuideStep,
    GuideTick,
    Macro,
    ServiceTarget,
    Team,
    WorkQueue,
)
from conversations.models.erasures import Erasure
from conversations.models.escalations import Escalation, HeldReply
from conversations.models.follow_ups import FollowUp
from conversations.models.insights import Insight, InsightFlight
from conversations.models.interactions import Interaction
from conversations.models.people import Channel, Customer, Identity, PeopleOnly
from conversations.models.sign_in import SignInCode
from conversations.models.speech import Transcription
from conversations.models.threads import Attachment, Conversation, Message
from conversations.models.widget import SpentToken, WidgetKey

__all__ = [
    "Attachment",
    "BusinessHours",
    "CaseBrief",
    "Channel",
    "Consultant",
    "Conversation",
    "CrmCase",
    "Customer",
    "Delivery",
    "Erasure",
    "Escalation",
    "FollowUp",
    "Guide",
    "GuideStep",
    "GuideTick",
    "HeldReply",
    "Identity",
    "Insight",
    "InsightFlight",
    "Interaction",
    "Macro",
    "Message",
    "PeopleOnly",
    "Query",
    "ServiceTarget",
    "SignInCode",
    "SpentToken",
    "Suggestion",
    "Team",
    "Transcription",
    "WidgetKey",
    "WorkQueue",
]
