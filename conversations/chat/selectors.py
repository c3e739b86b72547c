"""What a browser may see: the conversations of its customer, without internal notes."""

from collections.abc import Iterable, Iterator

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from conversations.chat.frames import Frame, conversation_frame, message_frame
from conversations.chat.session import Browser
from conversations.errors import ConversationNotFound, QueryNotFound
from conversations.models import Conversation, Message, Query
from conversations.selectors import messages_after

MOST_LISTED = 100


def conversation_get(*, browser: Browser, conversation_id: str) -> Conversation:
    """The conversation, if it is this browser's customer's. Raises `ConversationNotFound` otherwise, there or not."""
    conversation = _conversations(browser).filter(pk=conversation_id).first()
    if conversation is None:
        raise ConversationNotFound("There is no such conversation, or it is not yours. If it is, sign in first.")
    return conversation


def query_get(*, browser: Browser, request_id: str) -> Query:
    """The query, if this browser's customer asked it. Raises `QueryNotFound` otherwise, there or not."""
    query = Query.objects.filter(pk=request_id, conversation__in=_conversations(browser)).first()
    if query is None:
        raise QueryNotFound("There is no such query, or it is not yours. If it is, sign in first.")
    return query


def conversation_latest(browser: Browser) -> Conversation | None:
    """The open conversation that something was last said in."""
    return _conversations(browser).exclude(status=Conversation.Status.RESOLVED).order_by("-updated_at").first()


def conversations_listed(browser: Browser) -> QuerySet[Conversation]:
    """The newest conversations first, each with the kinds of channels it went over in `channel_kinds`."""
    visible = ~Q(messages__direction=Message.Direction.NOTE)
    kinds = ArrayAgg("messages__channel__kind", filter=visible, distinct=True, default=[])
    return _conversations(browser).annotate(channel_kinds=kinds).order_by("-updated_at")[:MOST_LISTED]


def messages_visible(conversation_id: str, *, after: int = 0) -> QuerySet[Message]:
    """What the customer may see of it after the sequence number `after`, in order."""
    return messages_after(conversation=Conversation(pk=conversation_id), seq=after)


def seq_visible(conversation_id: str) -> int:
    """The number of the newest message the customer may see; 0 when there is none."""
    newest = messages_visible(conversation_id).prefetch_related(None).order_by("-seq")
    return newest.values_list("seq", flat=True).first() or 0


def message_frames(conversation_id: str, *, after: int, most: int) -> list[Frame]:
    """The next `most` messages after `after` as frames."""
    return list(_chained(messages_visible(conversation_id, after=after)[:most], after))


def frames_before(conversation_id: str, *, before: int, most: int) -> tuple[list[Frame], bool]:
    """The last `most` messages before the number `before` as frames, and whether nothing came before them."""
    messages = messages_latest(conversation_id, before=before, most=most + 1)
    is_beginning = len(messages) <= most
    earlier = 0 if is_beginning else messages[0].seq
    return list(_chained(messages if is_beginning else messages[1:], earlier)), is_beginning


def state_frame(conversation_id: str) -> Frame:
    """Who has the conversation, as a frame; `is_pending` says that the agent owes an answer in it."""
    owed = Query.objects.filter(conversation=conversation_id, status__in=Query.PENDING)
    return {**conversation_frame(Conversation.objects.get(pk=conversation_id)), "is_pending": owed.exists()}


def messages_latest(conversation_id: str, *, before: int | None = None, most: int) -> list[Message]:
    """The last `most` messages before the sequence number `before`, in order; without it the newest."""
    messages = messages_visible(conversation_id)
    if before is not None:
        messages = messages.filter(seq__lt=before)
    return list(messages.reverse()[:most])[::-1]


def _chained(messages: Iterable[Message], after: int) -> Iterator[Frame]:
    for message in messages:
        yield message_frame(message, previous_seq=after)
        after = message.seq


def _conversations(browser: Browser) -> QuerySet[Conversation]:
    """This browser's, each with how it began in `opening`, to be known by when it has no subject."""
    if browser.customer is None:
        return Conversation.objects.none()
    said = Message.objects.filter(conversation=OuterRef("pk"), direction=Message.Direction.INBOUND).order_by("seq")
    opening = Subquery(said.values(start=Left("text", 80))[:1])
    return Conversation.objects.filter(customer=browser.customer).annotate(opening=opening)
