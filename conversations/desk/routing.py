"""Whose work an escalation is: its queue by category, and the consultant for it where the queue says so."""

from collections import Counter
from collections.abc import Iterable

from django.contrib.auth import get_user_model

from conversations.models import Consultant, Escalation, WorkQueue

DEFAULT_QUEUE = "general"
NO_SKILL = frozenset({"", "other"})  # categories that everybody can work on


def queue_key_for(category: str) -> str:
    """The key of the queue that takes `category`; without a row for it the category itself is the queue."""
    if not category:
        return DEFAULT_QUEUE
    serving = WorkQueue.objects.filter(categories__contains=[category]).order_by("key")
    own = WorkQueue.objects.filter(pk=category).values_list("pk", flat=True).first()
    return own or serving.values_list("pk", flat=True).first() or category


def consultant_for(escalation: Escalation, *, category: str) -> Consultant | None:
    """Who gets it: present, of the queue's team, with the skills, below capacity, with the least to do.

    None when the queue is worked by hand or nobody fits: then it waits in its queue. Call inside a transaction: the
    rows of those who come into question are locked, so that two escalations at once do not both see the same gap.
    """
    queue = WorkQueue.objects.filter(pk=escalation.queue, routing=WorkQueue.Routing.BALANCED).first()
    if queue is None:
        return None
    present = Consultant.objects.filter(is_away=False, user__is_active=True)
    if queue.team_id:
        present = present.filter(team=queue.team_id)
    fitting = [one for one in present.order_by("pk") if fits(one, category, escalation.language, queue.skills)]
    locked = Consultant.objects.select_for_update(no_key=True, of=("self",)).filter(is_away=False)
    candidates = list(locked.filter(pk__in=[one.pk for one in fitting]).order_by("pk"))
    load = loads(one.user_id for one in candidates)
    free = [one for one in candidates if load[one.user_id] < one.capacity]
    return min(free, key=lambda one: (load[one.user_id], load[one.user_id] / one.capacity, one.pk), default=None)


def fits(consultant: Consultant, category: str, language: str, wanted: Iterable[str] = ()) -> bool:
    """Whether they have the skills. Who names no category takes every one; the same holds for languages."""
    has_category = category in NO_SKILL or not consultant.categories or category in consultant.categories
    has_language = not language or not consultant.languages or language in consultant.languages
    return has_category and has_language and set(wanted) <= set(consultant.skills)


def loads(user_ids: Iterable[int]) -> Counter[int]:
    """How many escalations wait for each of them to do something."""
    theirs = Escalation.objects.filter(assignee__in=list(user_ids), state=Escalation.State.ASSIGNED)
    return Counter(theirs.order_by().values_list("assignee_id", flat=True))


def is_present(user_id: int | None) -> bool:
    """Whether they take work now. Staff whom routing does not know are always there while they may sign in."""
    if user_id is None:
        return False
    users = get_user_model().objects.filter(pk=user_id, is_active=True)
    return users.exclude(consultant__is_away=True).exists()
