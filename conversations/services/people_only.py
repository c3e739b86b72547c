"""The switch "people only": while it is on, for a channel or for all, the agent drafts and sends nothing.

It is read where a reply is stored, under a lock that the switch takes too: when `people_only_start` has returned,
no process stores another reply of the agent, whatever it had begun before.
"""

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from conversations.models import Channel, PeopleOnly
from omnicqm.common.services import audit_record

_SWITCH = "pg_advisory_xact_lock(hashtextextended('people only', 0))"
_SEND = "pg_advisory_xact_lock_shared(hashtextextended('people only', 0))"


@transaction.atomic
def people_only_start(*, channel: Channel | None, user: User, reason: str = "") -> None:
    """Silence the agent on `channel`; None: everywhere. Waits for replies that are being stored. Safe to repeat."""
    _lock(_SWITCH)
    row, made = PeopleOnly.objects.get_or_create(channel=channel, defaults={"by": user, "reason": reason[:200]})
    if made:
        audit_record(actor=f"user:{user.pk}", action="peopleonly.started", obj=row, details=_where(channel))


@transaction.atomic
def people_only_end(*, channel: Channel | None, user: User) -> None:
    """Let the agent speak again on `channel`, as far as nothing else silences it. Safe to repeat."""
    _lock(_SWITCH)
    for row in PeopleOnly.objects.filter(channel=channel):
        audit_record(actor=f"user:{user.pk}", action="peopleonly.ended", obj=row, details=_where(channel))
        row.delete()


def people_only_holds(channel_id: str) -> bool:
    """Whether the agent must be silent on the channel at this moment."""
    return PeopleOnly.objects.filter(Q(channel=None) | Q(channel=channel_id)).exists()


def people_only_holds_for_sending(channel_id: str) -> bool:
    """The same for whoever is about to store a reply: it stays true until the surrounding transaction ends."""
    _lock(_SEND)
    return people_only_holds(channel_id)


def people_only_all() -> QuerySet[PeopleOnly]:
    """Where the agent is silenced: everywhere first, then by channel."""
    return PeopleOnly.objects.select_related("channel", "by").order_by(F("channel").asc(nulls_first=True))


def _where(channel: Channel | None) -> dict[str, str]:
    return {"channel_id": channel.pk} if channel else {}


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}")
