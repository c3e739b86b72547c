"""A case is noted where something changes, in the same transaction: neither stands without the other."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from conversations.models import CrmCase, Escalation
from omnicqm.common.ids import new_id
from omnicqm.common.tasks import task_enqueue

SEND = "conversations.crm_case_send"
_State = CrmCase.State
# One statement, so that two transactions that note the same case wait for each other and never fail.
_NOTE = """
INSERT INTO conversations_crmcase AS noted
    (id, crm, conversation_id, external_id, remote_id, url, state, version, synced_hash, tries, due_at, lease_token,
     last_error, created_at)
VALUES (%(id)s, 'salesforce', %(conversation)s, %(conversation)s, '', '', 'pending', 1, '', 0, %(now)s, '', '', %(now)s)
ON CONFLICT (crm, conversation_id) DO UPDATE SET
    state = 'pending',
    version = noted.version + 1,
    tries = CASE WHEN noted.state = 'pending' THEN noted.tries ELSE 0 END,
    due_at = CASE WHEN noted.state = 'pending' THEN noted.due_at ELSE excluded.due_at END
RETURNING id
"""


def crm_is_on() -> bool:
    return bool(settings.SALESFORCE["domain"])


def escalation_noted(*, escalation_id: str, **_: object) -> None:
    """Something changed about an escalation. Called with the payloads of events, inside their transactions."""
    if not crm_is_on():
        return
    ids = Escalation.objects.filter(pk=escalation_id).values_list("conversation_id", flat=True)
    for conversation_id in ids:
        case_note(conversation_id)


def case_note(conversation_id: str) -> None:
    """The CRM is to get how `conversation_id`, which people have had, stands. Call inside the transaction of the
    change. A case that waits after a failed try goes on waiting: it will be sent as it stands then."""
    if not crm_is_on():
        return
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"id": new_id("crm"), "conversation": conversation_id, "now": timezone.now()})
        [case_id] = cursor.fetchone()
    task_enqueue(SEND, case_id)


def case_note_again(conversation_ids: Iterable[str]) -> None:
    """Like `case_note`, for those that are cases already."""
    if not crm_is_on():
        return
    known = CrmCase.objects.filter(conversation__in=list(conversation_ids))
    for conversation_id in known.values_list("conversation_id", flat=True):
        case_note(conversation_id)


def cases_erase(conversation_ids: Collection[str]) -> None:
    """Their customer has had their data deleted: what the CRM has got from us about them is emptied there too.

    The case is sent once more, when there is nothing left to tell but its number and that it is closed. One that was
    never sent is forgotten.
    """
    theirs = CrmCase.objects.filter(conversation__in=conversation_ids)
    theirs.filter(tries=0, remote_id="", last_error="", lease_until=None).delete()
    # Not 0 tries: a second look would take it for one that was never sent.
    theirs.update(last_error="", state=_State.PENDING, version=F("version") + 1, tries=1, due_at=timezone.now())
    if crm_is_on():
        for case_id in theirs.values_list("pk", flat=True):
            task_enqueue(SEND, case_id)
