"""Reads of follow-up tasks."""

from django.db.models import QuerySet

from conversations.models import Conversation, FollowUp


def follow_ups_open(conversation: Conversation) -> QuerySet[FollowUp]:
    """What the customer was promised in `conversation` and nobody has done yet, what is due first on top."""
    return FollowUp.objects.filter(conversation=conversation, state=FollowUp.State.OPEN).order_by("due_on")
