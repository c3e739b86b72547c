"""A consultant's reply goes out."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.deliveries.threading import reply_fields
from conversations.errors import Changed, ColleagueReplied
from conversations.escalations.clocks import clocks_pause, clocks_reply
from conversations.escalations.drafts import Draft, draft_shown
from conversations.escalations.events import answer_announce, escalation_announce
from conversations.escalations.services.ending import escalation_end
from conversations.escalations.services.locking import actor_of, escalation_lock, held_check, name_of, ours_check
from conversations.escalations.services.stopping import customer_wrote_error
from conversations.models import Conversation, Escalation, HeldReply, Message, Query
from conversations.rendering import markdown_to_html
from conversations.services.messages import message_append
from conversations.services.status import conversation_hand_to_people
from conversations.work.endings import queries_end
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import text_clean

MAX_REPLY_CHARS = 50_000
State, Then = Escalation.State, HeldReply.Then


@transaction.atomic
def escalation_reply(
    *,
    escalation: Escalation,
    user: AbstractBaseUser,
    text: str,
    known_seq: int,
    then: str = Then.ANSWERED,
    draft_key: str | None = None,
) -> Message:
    """Send `text` (Markdown) to the customer at once, on the channel they used last.

    Answers the escalation's queries and every other one up to message `known_seq`, the newest that `user` has seen; a
    run that is still going on for one of them comes too late then. `then` says what becomes of the escalation: it is
    `answered` and the agent goes on, `waiting` for the customer, or `resolve`d. `draft_key` is that of the draft that
    was shown, the one that is offered unless told; it is kept with the message.

    Raises `InvalidInput` for an empty or endless text, another `then` or a draft of another case, `EscalationOver`,
    `EscalationTaken`, `ReplyIsHeld`, `CustomerWroteAgain` when there is a newer message of the customer, and
    `ColleagueReplied` when there is a newer reply of a consultant.
    """
    text, then = reply_clean(text), then_clean(then)
    conversation, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    held_check(escalation)
    newest_check(conversation, known_seq)
    shown = draft_shown(escalation, draft_key)
    return reply_send(conversation, escalation, user, text=text, known_seq=known_seq, then=then, draft=shown)


def reply_send(
    conversation: Conversation,
    escalation: Escalation,
    user: AbstractBaseUser,
    *,
    text: str,
    known_seq: int,
    then: HeldReply.Then,
    draft: Draft,
) -> Message:
    """What `escalation_reply` does once everything is checked, with both rows locked."""
    queries = _queries_covered(escalation, known_seq)
    message = message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.CONSULTANT,
        consultant_id=user.pk,
        channel=queries[-1].channel,
        text=text,
        html=markdown_to_html(text),
        metadata={"draft": draft.key},
        **reply_fields(queries[-1]),
    )
    escalation.reply, escalation.assignee_id = message, user.pk
    clocks_reply(escalation, now=timezone.now())
    _go_on(conversation, escalation, user, then)
    queries_end(queries=queries, status=Query.Status.ANSWERED, message=message, covered_by=escalation.query)
    details = {"message_id": message.pk} | ({} if then == Then.ANSWERED else {"then": str(then)})
    audit_record(actor=actor_of(user), action="escalation.answered", obj=escalation, details=details)
    answer_announce(escalation, message, draft=draft.text, user_id=user.pk)
    kinds = {Then.ANSWERED: "answered", Then.WAITING: "waiting", Then.RESOLVE: "resolved"}
    escalation_announce(escalation, kinds[then], user_id=user.pk)  # type: ignore[arg-type]
    return message


def _go_on(conversation: Conversation, escalation: Escalation, user: AbstractBaseUser, then: HeldReply.Then) -> None:
    if then == Then.WAITING:
        escalation.state, escalation.snoozed_until = State.WAITING, None
        clocks_pause(escalation, now=timezone.now())
        escalation.save()
        conversation_hand_to_people(conversation=conversation, consultant_id=user.pk)
        return
    if then == Then.RESOLVE:
        escalation.resolution = escalation.resolution or Escalation.Resolution.SOLVED
    escalation_end(conversation, escalation, State.ANSWERED, resolved=then == Then.RESOLVE)


def reply_clean(text: str) -> str:
    """Raises `InvalidInput` naming ``text``."""
    text = text_clean(text).strip()
    if not text:
        raise InvalidInput("Write a reply first.", param="text", code="blank")
    if len(text) > MAX_REPLY_CHARS:
        raise InvalidInput(f"A reply has at most {MAX_REPLY_CHARS:,} characters.", param="text")
    return text


def then_clean(then: str) -> HeldReply.Then:
    """Raises `InvalidInput` naming ``then``."""
    if then not in Then.values:
        raise InvalidInput(f"Say what comes after the reply: {', '.join(Then.values)}.", param="then")
    return Then(then)


def newest_check(conversation: Conversation, known_seq: int) -> None:
    """Raises `CustomerWroteAgain` or `ColleagueReplied` for what was said after message `known_seq`."""
    newer = Message.objects.filter(conversation=conversation, seq__gt=known_seq).order_by("-seq")
    theirs = newer.filter(direction=Message.Direction.INBOUND).first()
    if theirs is not None:
        raise customer_wrote_error(theirs)
    replies = newer.filter(direction=Message.Direction.OUTBOUND, author=Message.Author.CONSULTANT)
    reply = replies.select_related("consultant").first()
    if reply is not None:
        name = name_of(reply.consultant)
        changed = Changed(
            "colleague_replied", at=reply.created_at, who=name, user_id=reply.consultant_id, seq=reply.seq
        )
        raise ColleagueReplied(f"{name} has replied meanwhile. Read it before you reply.", changed=changed)


def _queries_covered(escalation: Escalation, known_seq: int) -> list[Query]:
    """The queries that a reply now answers, oldest first: the escalation's own until it has a reply, what joined it,
    and what still waits. Where all have one, the newest is answered once more."""
    joined = Q(answered_with=escalation.query_id, status=Query.Status.ESCALATED)
    pending = Q(conversation=escalation.conversation_id, status__in=Query.PENDING, message__seq__lte=known_seq)
    own = Q(pk=escalation.query_id)
    rows = Query.objects.filter(own | joined | pending).select_for_update(of=("self",))
    found = list(rows.select_related("message", "channel").order_by("message__seq"))
    owed = [query for query in found if query.status != Query.Status.ANSWERED]
    return owed or found
