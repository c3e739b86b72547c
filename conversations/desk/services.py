"""What is done with people's work besides answering: leaving, coming back, guides and macros."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations.desk.placeholders import placeholders_fill
from conversations.desk.routing import consultant_for
from conversations.errors import Changed, EscalationOver, EscalationTaken
from conversations.escalations.events import escalation_announce
from conversations.escalations.services.locking import actor_of, escalation_lock, name_of
from conversations.escalations.services.stopping import held_stop
from conversations.models import Consultant, Escalation, Guide, GuideStep, GuideTick, Macro
from conversations.services.status import conversation_hand_to_people
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record
from omnicqm.common.text import line_clean, text_clean

WORKER = "system:worker"
MOST_STEPS = 40
UNKNOWN = {"capacity": 0}  # nobody has said that routing may give them work
State = Escalation.State


def consultant_leave(*, user: AbstractBaseUser, actor: AbstractBaseUser) -> int:
    """`user` is away from now on; what they had open goes to colleagues by routing, or back to its queue.

    What waits for the customer stays theirs until the customer writes; then it is routed. Returns how many were handed
    over. Safe to repeat; what a process that died has left is handed over by the sweep. Whom routing does not know it
    gives nothing when they are back either.
    """
    with transaction.atomic():
        away = {"is_away": True, "leaving_since": timezone.now()}
        consultant, _ = Consultant.objects.update_or_create(
            user_id=user.pk, defaults=away, create_defaults={**away, **UNKNOWN}
        )
        audit_record(actor=actor_of(actor), action="consultant.left", obj=consultant)
    return _hand_over_all(user.pk, actor_of(actor))


@transaction.atomic
def consultant_return(*, user: AbstractBaseUser, actor: AbstractBaseUser) -> Consultant:
    """`user` is there again and gets work. Returning twice changes nothing."""
    rows = Consultant.objects.select_for_update(of=("self",))
    consultant, _ = rows.get_or_create(user_id=user.pk, defaults=UNKNOWN)
    if consultant.is_away or consultant.leaving_since:
        consultant.is_away, consultant.leaving_since = False, None
        consultant.save(update_fields=["is_away", "leaving_since"])
        audit_record(actor=actor_of(actor), action="consultant.returned", obj=consultant)
    return consultant


def leavings_sweep() -> int:
    """Hand over what those who left, or may not sign in any more, still have open; returns how many."""
    gone = get_user_model().objects.filter(Q(consultant__leaving_since__isnull=False) | Q(is_active=False))
    theirs = Escalation.objects.filter(state=State.ASSIGNED, assignee__in=gone.values("pk"))
    leaving = Consultant.objects.filter(leaving_since__isnull=False)
    ids = {*theirs.order_by().values_list("assignee_id", flat=True)[:200], *leaving.values_list("user_id", flat=True)}
    return sum(_hand_over_all(user_id, WORKER) for user_id in sorted(ids))


def _hand_over_all(user_id: int, actor: str) -> int:
    theirs = Escalation.objects.filter(assignee=user_id, state=State.ASSIGNED).defer("packet").order_by("due_at")
    moved = sum(_hand_over(escalation, user_id, actor) for escalation in theirs)
    Consultant.objects.filter(user=user_id, leaving_since__isnull=False).update(leaving_since=None)
    return moved


@transaction.atomic
def _hand_over(escalation: Escalation, user_id: int, actor: str) -> bool:
    try:
        conversation, escalation = escalation_lock(escalation)
    except EscalationOver:
        return False
    if escalation.assignee_id != user_id or escalation.state != State.ASSIGNED:
        return False
    name = name_of(escalation.assignee)
    changed = Changed("taken", at=timezone.now(), who=name, user_id=user_id)
    held_stop(escalation, EscalationTaken(f"{name} has left before it was sent.", changed=changed), actor=actor)
    found = consultant_for(escalation, category=conversation.category)
    escalation.assignee_id = found.user_id if found else None
    escalation.state = State.ASSIGNED if found else State.OPEN
    escalation.save(update_fields=["state", "assignee"])
    conversation.taken_over_by_id = None
    conversation_hand_to_people(conversation=conversation)
    details = {"from": user_id, "assignee_id": escalation.assignee_id}
    audit_record(actor=actor, action="escalation.handed_over", obj=escalation, details=details)
    escalation_announce(escalation, "assigned" if found else "released", user_id=escalation.assignee_id)
    return True


def macro_render(*, macro: Macro, escalation: Escalation, user: AbstractBaseUser) -> str:
    """The macro's text for this customer. Raises `InvalidInput` naming ``text`` for a placeholder nobody fills."""
    customer = escalation.conversation.customer
    values = {
        "customer_name": customer.display_name or "customer",
        "reference": escalation.conversation.reference,
        "consultant_name": name_of(user),
    }
    return placeholders_fill(macro.text, values)


@transaction.atomic
def guide_publish(
    *, category: str, title: str, steps: Sequence[tuple[str, str]], actor: AbstractBaseUser | None
) -> Guide:
    """The next version of a category's guide, from now on the current one; `steps` are (text, detail) in order.

    The same as the current one again changes nothing. Raises `InvalidInput` naming ``title`` or ``steps``.
    """
    title, cleaned = _guide_clean(title, steps)
    versions = Guide.objects.select_for_update().filter(category=category).order_by("-version")
    newest = versions.first()
    current = next((guide for guide in versions if guide.is_current), None)
    if current is not None and (current.title, list(current.steps.values_list("text", "detail"))) == (title, cleaned):
        return current
    versions.update(is_current=False)
    version = newest.version + 1 if newest else 1
    guide = Guide.objects.create(
        category=category, version=version, title=title, created_by_id=actor.pk if actor else None
    )
    GuideStep.objects.bulk_create(
        GuideStep(guide=guide, position=position, text=text, detail=detail)
        for position, (text, detail) in enumerate(cleaned, start=1)
    )
    who = actor_of(actor) if actor else WORKER
    audit_record(actor=who, action="guide.published", obj=guide, details={"category": category, "version": version})
    return guide


def _guide_clean(title: str, steps: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    title = line_clean(title)
    if not title or len(title) > 120:
        raise InvalidInput("Give the guide a title of at most 120 characters.", param="title")
    cleaned = [(line_clean(text), text_clean(detail).strip()) for text, detail in steps]
    if not 0 < len(cleaned) <= MOST_STEPS or not all(0 < len(text) <= 300 for text, _ in cleaned):
        message = f"Write 1 to {MOST_STEPS} steps of at most 300 characters each."
        raise InvalidInput(message, param="steps")
    return title, cleaned


@transaction.atomic
def guide_tick(*, escalation: Escalation, step: GuideStep, user: AbstractBaseUser, done: bool) -> GuideTick | None:
    """Note that `user` did the step for this escalation, or that it is not done after all; None then.

    Saying the same again changes nothing: who ticked it first stays. Raises `EscalationOver`.
    """
    _, escalation = escalation_lock(escalation)
    ticks = GuideTick.objects.filter(escalation=escalation, step=step)
    details = {"step_id": step.pk, "position": step.position, "done": done}
    tick = ticks.first()
    if done == (tick is not None):
        return tick
    if done:
        tick = GuideTick.objects.create(escalation=escalation, step=step, user_id=user.pk)
    else:
        ticks.delete()
        tick = None
    audit_record(actor=actor_of(user), action="escalation.step_ticked", obj=escalation, details=details)
    escalation_announce(escalation, "ticked", user_id=user.pk)
    return tick
