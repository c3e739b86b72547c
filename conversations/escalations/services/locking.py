"""What every service of an escalation begins with: the rows locked, and whether the consultant may go on."""

from django.contrib.auth.models import AbstractBaseUser

from conversations.errors import Changed, EscalationOver, EscalationTaken, ReplyIsHeld
from conversations.models import Conversation, Escalation, HeldReply
from omnicqm.common.models import AuditEvent

_TAKING = ("escalation.claimed", "escalation.assigned", "escalation.taken_over", "escalation.opened")


def actor_of(user: AbstractBaseUser) -> str:
    return f"user:{user.pk}"


def escalation_lock(escalation: Escalation) -> tuple[Conversation, Escalation]:
    """Conversation first, as everywhere, so that two transactions never wait for each other.

    Raises `EscalationOver` when it is not active any more.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(pk=escalation.conversation_id)
    rows = Escalation.objects.select_for_update(of=("self",)).select_related("query__channel", "assignee")
    locked = rows.get(pk=escalation.pk)
    if locked.state not in Escalation.ACTIVE:
        raise EscalationOver("This has been answered or closed already.")
    return conversation, locked


def ours_check(escalation: Escalation, user: AbstractBaseUser) -> None:
    """Raises `EscalationTaken` when it is a colleague's."""
    if escalation.assignee_id is None or escalation.assignee_id == user.pk:
        return
    name = name_of(escalation.assignee)
    taken = AuditEvent.objects.filter(object_type="escalation", object_id=escalation.pk, action__in=_TAKING)
    at = taken.order_by("-at").values_list("at", flat=True).first()
    raise EscalationTaken(
        f"{name} is working on this one. Take it over first.",
        changed=Changed("taken", at=at, who=name, user_id=escalation.assignee_id),
    )


def held_check(escalation: Escalation) -> None:
    """Raises `ReplyIsHeld` while a reply is about to go out."""
    held = HeldReply.objects.filter(escalation=escalation, state=HeldReply.State.HELD).select_related("user").first()
    if held is None:
        return
    name = name_of(held.user)
    raise ReplyIsHeld(
        "A reply is about to be sent. Take it back first, or wait until it is out.",
        changed=Changed("held", at=held.created_at, who=name, user_id=held.user_id),
    )


def name_of(user: AbstractBaseUser | None) -> str:
    """A colleague as colleagues call them."""
    if user is None:
        return "A colleague"
    return getattr(user, "get_full_name", str)() or user.get_username()
