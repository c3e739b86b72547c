"""Whose an escalation is: taken, taken over, given to somebody, given back."""

from collections.abc import Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from conversations.desk.routing import is_present
from conversations.errors import Changed, EscalationNotFound, EscalationOver, EscalationTaken
from conversations.escalations.events import Kind, escalation_announce
from conversations.escalations.selectors import escalations_next
from conversations.escalations.services.locking import actor_of, escalation_lock, held_check, name_of, ours_check
from conversations.escalations.services.stopping import held_stop
from conversations.models import Conversation, Escalation
from conversations.services.status import conversation_hand_to_people
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record

MOST_AT_ONCE = 200
State = Escalation.State


@transaction.atomic
def escalation_claim(*, escalation: Escalation, user: AbstractBaseUser, take_over: bool = False) -> Escalation:
    """Make `user` the one who answers. Claiming what is theirs already changes nothing.

    A colleague's reply that is about to go out is stopped by `take_over`; its text stays as the draft. Raises
    `EscalationOver`, and `EscalationTaken` when it is another's, unless `take_over`.
    """
    conversation, escalation = escalation_lock(escalation)
    if escalation.assignee_id == user.pk and conversation.taken_over_by_id == user.pk:
        return escalation
    if not take_over:
        ours_check(escalation, user)
    _give(conversation, escalation, user, actor=user, kind="claimed")
    conversation_hand_to_people(conversation=conversation, consultant_id=user.pk)
    return escalation


@transaction.atomic
def escalation_claim_next(*, user: AbstractBaseUser) -> Escalation | None:
    """Claim what `escalations_next` has first for `user`; None when there is nothing for them.

    Two who call at the same moment get two different ones: rows that another transaction has locked are passed over.
    """
    for waiting in escalations_next(user):
        # Both rows at once and without waiting, or the order in which everybody locks would be broken.
        rows = waiting.select_related("conversation").select_for_update(of=("self", "conversation"), skip_locked=True)
        found = rows.first()
        if found is not None:
            return escalation_claim(escalation=found, user=user)
    return None


def escalations_assign(*, escalation_ids: Sequence[str], assignee: AbstractBaseUser, actor: AbstractBaseUser) -> int:
    """Give each to `assignee`, whoever has it now; how many changed hands. Those that are over are passed over.

    Each is a transaction of its own. Raises `InvalidInput` naming ``assignee`` for somebody else who is away or may not
    sign in, and ``escalation_ids`` for too many; `EscalationNotFound`.
    """
    if len(escalation_ids) > MOST_AT_ONCE:
        raise InvalidInput(f"Choose {MOST_AT_ONCE} escalations at most.", param="escalation_ids")
    if assignee.pk != actor.pk and not is_present(assignee.pk):  # who is away may still take what they like
        raise InvalidInput(f"{name_of(assignee)} is away. Choose somebody else.", param="assignee")
    found = {row.pk: row for row in Escalation.objects.filter(pk__in=escalation_ids).defer("packet")}
    if missing := set(escalation_ids) - set(found):
        raise EscalationNotFound(f"There is no escalation {min(missing)[:40]}.", param="escalation_ids")
    return sum(_assign(found[pk], assignee, actor) for pk in dict.fromkeys(escalation_ids))


@transaction.atomic
def _assign(escalation: Escalation, assignee: AbstractBaseUser, actor: AbstractBaseUser) -> bool:
    try:
        conversation, escalation = escalation_lock(escalation)
    except EscalationOver:
        return False
    if escalation.assignee_id == assignee.pk:
        return False
    _give(conversation, escalation, assignee, actor=actor, kind="assigned")
    conversation_hand_to_people(conversation=conversation, consultant_id=assignee.pk)
    return True


@transaction.atomic
def escalation_release(*, escalation: Escalation, user: AbstractBaseUser) -> Escalation:
    """Give it back to its queue, where anybody may take it; a waiting one keeps waiting there.

    Raises `EscalationOver`, `EscalationTaken` when it is another's, `ReplyIsHeld` while a reply is about to go out.
    """
    conversation, escalation = escalation_lock(escalation)
    ours_check(escalation, user)
    held_check(escalation)
    if escalation.assignee_id is None:
        return escalation
    escalation.assignee_id = None
    escalation.state = State.OPEN if escalation.state == State.ASSIGNED else escalation.state
    escalation.save(update_fields=["state", "assignee"])
    conversation.taken_over_by_id = None
    conversation_hand_to_people(conversation=conversation)
    audit_record(actor=actor_of(user), action="escalation.released", obj=escalation)
    escalation_announce(escalation, "released", user_id=user.pk)
    return escalation


def _give(
    conversation: Conversation,
    escalation: Escalation,
    assignee: AbstractBaseUser,
    *,
    actor: AbstractBaseUser,
    kind: Kind,
) -> None:
    if escalation.assignee_id != assignee.pk:
        name = name_of(assignee)
        changed = Changed("taken", at=timezone.now(), who=name, user_id=assignee.pk)
        held_stop(escalation, EscalationTaken(f"{name} has this one now.", changed=changed), actor=actor_of(actor))
    escalation.assignee_id = assignee.pk
    escalation.state = State.ASSIGNED if escalation.state == State.OPEN else escalation.state
    escalation.save(update_fields=["state", "assignee"])
    details = {} if kind == "claimed" else {"assignee_id": assignee.pk}
    audit_record(actor=actor_of(actor), action=f"escalation.{kind}", obj=escalation, details=details)
    escalation_announce(escalation, kind, user_id=assignee.pk)
