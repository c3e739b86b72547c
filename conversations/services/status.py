"""Who has a conversation: the agent or people. Every change is told to the pages that show it."""

from conversations.chat.events import conversation_announce
from conversations.crm.noting import case_note_again
from conversations.models import Conversation


def conversation_hand_to_people(*, conversation: Conversation, consultant_id: int | None = None) -> None:
    """From now on people answer, and the agent is silent; `consultant_id` is who has taken it over, if somebody has.

    Call with the conversation locked, like everything here.
    """
    if consultant_id is not None:
        conversation.taken_over_by_id = consultant_id
    _status_set(conversation, Conversation.Status.WITH_CONSULTANT)


def conversation_hand_back(*, conversation: Conversation) -> None:
    """The agent answers again."""
    conversation.taken_over_by_id = None
    _status_set(conversation, Conversation.Status.OPEN)


def conversation_resolve(*, conversation: Conversation) -> None:
    """The matter is settled. What the customer writes next opens the conversation again."""
    conversation.taken_over_by_id = None
    _status_set(conversation, Conversation.Status.RESOLVED)


def _status_set(conversation: Conversation, status: Conversation.Status) -> None:
    conversation.status = status
    conversation.save(update_fields=["status", "taken_over_by"])
    case_note_again([conversation.pk])
    conversation_announce(conversation)
