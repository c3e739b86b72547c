"""What a consultant does to several cases at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils import timezone

from conversations.errors import EscalationTaken
from conversations.escalations.services import (
    escalation_claim,
    escalation_release,
    escalation_snooze,
    escalation_unsnooze,
    escalations_assign,
)
from conversations.models import Escalation
from omnicqm.common.errors import Conflict, InvalidInput, NotAllowed, OmniError
from omnicqm.common.ids import is_id
from omnicqm.console.live.standing import RIGHTS
from omnicqm.console.snoozing import snooze_until

MAY_ASSIGN = "conversations.assign_escalation"  # to others; everybody who may answer takes for themselves
MOST = 200


@dataclass(frozen=True)
class Done:
    """`count` cases were changed; `told` says so, `refused` why others were not."""

    count: int
    told: str
    refused: tuple[str, ...] = ()


def queue_act(params: QueryDict, user: Any) -> Done:
    """Do what the form says. Raises `InvalidInput` for a form that cannot be meant, `NotAllowed` for who may not."""
    escalation_ids = _chosen(params)
    action = ACTIONS.get(params.get("do", ""))
    if action is None:
        raise InvalidInput("Choose what to do: assign, release, snooze or wake up.", param="do")
    return action(escalation_ids, params, user)


def consultants() -> Sequence[Any]:
    """Who can be given a case, by name."""
    users: Any = get_user_model().objects
    may = users.with_perm("conversations.change_escalation", backend=RIGHTS).filter(is_staff=True)
    return list(may.order_by("first_name", "last_name", "username")[:500])


def _chosen(params: QueryDict) -> list[str]:
    escalation_ids = list(dict.fromkeys(params.getlist("e")))
    if not escalation_ids:
        raise InvalidInput("Tick the cases first.", param="e")
    if len(escalation_ids) > MOST:
        raise InvalidInput(f"Tick at most {MOST} cases at a time.", param="e")
    if not all(is_id(one, "esc") for one in escalation_ids):
        raise InvalidInput("'e' holds ids of escalations.", param="e")
    return escalation_ids


def _assignee(params: QueryDict, user: Any) -> Any:
    wanted = params.get("assignee", "")
    if wanted == "me":
        return user
    if not user.has_perm(MAY_ASSIGN):
        raise NotAllowed("Only a team lead gives cases to others. Assign them to yourself.", param="assignee")
    found = next((one for one in consultants() if str(one.pk) == wanted), None)
    if found is None:
        raise InvalidInput("Choose to whom the cases go: somebody who may answer them.", param="assignee")
    return found


def _assign(escalation_ids: Sequence[str], params: QueryDict, user: Any) -> Done:
    assignee = _assignee(params, user)
    if not user.has_perm(MAY_ASSIGN):
        return _each(escalation_ids, "assigned to you", lambda one: _take(one, user))
    count = escalations_assign(escalation_ids=escalation_ids, assignee=assignee, actor=user)
    left = len(escalation_ids) - count
    refused = (
        (f"{_cases(left)} had ended meanwhile or {'was' if left == 1 else 'were'} theirs already.",) if left else ()
    )
    whom = "you" if assignee == user else assignee.get_full_name() or assignee.get_username()
    return Done(count, f"{_cases(count)} assigned to {whom}.", refused)


def _take(escalation: Escalation, user: Any) -> None:
    """For who hands no work out: what is nobody's. A colleague's is taken over on its own page, which asks first."""
    if escalation.assignee_id == user.pk:
        raise Conflict("It is yours already.")
    try:
        escalation_claim(escalation=escalation, user=user)
    except EscalationTaken as error:
        raise Conflict(f"{error.changed.who} has it. Open it and take it over there.") from error


def _release(escalation_ids: Sequence[str], params: QueryDict, user: Any) -> Done:
    return _each(escalation_ids, "released", lambda one: escalation_release(escalation=one, user=user))


def _snooze(escalation_ids: Sequence[str], params: QueryDict, user: Any) -> Done:
    until = snooze_until(params.get("until", ""), now=timezone.localtime(), param="until")
    told = f"snoozed until {timezone.localtime(until):%a %d %b, %H:%M}"
    return _each(escalation_ids, told, lambda one: escalation_snooze(escalation=one, user=user, until=until))


def _unsnooze(escalation_ids: Sequence[str], params: QueryDict, user: Any) -> Done:
    return _each(escalation_ids, "woken up", lambda one: escalation_unsnooze(escalation=one, user=user))


def _each(escalation_ids: Sequence[str], told: str, act: Callable[[Escalation], Any]) -> Done:
    """One after the other: what cannot be done to one is said and keeps no other from it."""
    count, refused = 0, []
    for escalation in Escalation.objects.filter(pk__in=escalation_ids).select_related("conversation"):
        try:
            act(escalation)
            count += 1
        except OmniError as error:
            refused.append(f"{escalation.conversation.reference}: {error.message}")
    return Done(count, f"{_cases(count)} {told}.", tuple(refused))


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


ACTIONS: Mapping[str, Callable[[Sequence[str], QueryDict, Any], Done]] = {
    "assign": _assign,
    "release": _release,
    "snooze": _snooze,
    "unsnooze": _unsnooze,
}
