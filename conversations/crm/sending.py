"""Cases are carried to the CRM by side work, one request at a time for each.

A case is claimed by a conditional UPDATE with a lease. Its record in the CRM is found by our id, so a case that is sent
twice, because a worker died or no answer came, is one record. What changes while it is under way is sent next. When the
CRM is away, or does not let us in, no case is sent for a while: all of them would find the same.
"""

import hashlib
import json
import secrets
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from conversations.crm.errors import CaseHeld, CaseRefused, CrmAway
from conversations.crm.fields import case_values
from conversations.crm.noting import SEND, crm_is_on
from conversations.crm.salesforce import Sent, salesforce_options, salesforce_put
from conversations.models import CrmCase
from conversations.selectors import customer_is_erased
from omnicqm.common.errors import Conflict, OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record
from omnicqm.common.tasks import task_enqueue

log = get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than a sign-in, a look for the account and a request may take together
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
PAUSE = timedelta(seconds=60)  # of all cases, after one found the CRM away
SWEEP_SECONDS = 10  # then side work of another kind gets its turn
SWEEP_ROWS = 200

State = CrmCase.State


def crm_case_send(*, case_id: str) -> bool:
    """Send the case as it stands, if it is due and nobody else is at it; whether it was tried. Outside a
    transaction."""
    if not crm_is_on() or _is_away():
        return False
    case = _claim(case_id)
    if case is None:
        return False
    try:
        digest, sent = _send(case)
    except CaseRefused as error:
        _refused(case, error)
    except Exception as error:  # whatever it is, the case is kept and somebody is told
        _put_off(case, error)
    else:
        _arrived(case, digest, sent)
    return True


def crm_cases_sweep() -> int:
    """Send what is due, those that wait longest first, for a while; returns how many were tried."""
    ends, tried = time.monotonic() + SWEEP_SECONDS, 0
    if not crm_is_on():
        return 0
    ids = list(_due(timezone.now()).order_by("due_at").values_list("pk", flat=True)[:SWEEP_ROWS])
    for case_id in ids:
        if time.monotonic() > ends or _is_away():
            break
        tried += crm_case_send(case_id=case_id)
    return tried


@transaction.atomic
def crm_case_retry(*, case: CrmCase, actor: str) -> None:
    """Send it whatever it was, at once, on a person's decision. Raises `Conflict` where no CRM is set up."""
    if not crm_is_on():
        raise Conflict("No CRM is set up. Set OMNICQM_SALESFORCE_DOMAIN first.")
    CrmCase.objects.exclude(away_until=None).update(away_until=None)
    again = CrmCase.objects.filter(pk=case.pk)
    again.update(
        state=State.PENDING,
        version=F("version") + 1,
        synced_hash="",
        tries=Least(F("tries"), Value(1)),  # that it was tried is not forgotten: it may have arrived
        due_at=timezone.now(),
        last_error="",
    )
    audit_record(actor=actor, action="crm_case.retried", obj=case)
    task_enqueue(SEND, case.pk)


def _is_away() -> bool:
    return CrmCase.objects.filter(state=State.PENDING, away_until__gt=timezone.now()).exists()


def _due(now: datetime) -> QuerySet[CrmCase]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return CrmCase.objects.filter(free, state=State.PENDING, due_at__lte=now)


def _claim(case_id: str) -> CrmCase | None:
    now, token = timezone.now(), secrets.token_hex(16)
    if not _due(now).filter(pk=case_id).update(lease_token=token, lease_until=now + LEASE, tries=F("tries") + 1):
        return None
    return CrmCase.objects.select_related("conversation__customer").get(pk=case_id)


def _send(case: CrmCase) -> tuple[str, Sent | None]:
    """The hash of what was told, and where it is now; no place when the CRM knows all of it already."""
    options = salesforce_options()
    values = case_values(case.conversation)
    erased = customer_is_erased(case.conversation.customer_id)
    told = [options.mapping.apply(values), values["account"] if options.mapping.account_target else None, erased]
    digest = hashlib.sha256(json.dumps([options.place, told], sort_keys=True).encode()).hexdigest()
    if digest == case.synced_hash and case.remote_id:
        return digest, None
    return digest, salesforce_put(options, case.external_id, values, erased=erased)


def _arrived(case: CrmCase, digest: str, sent: Sent | None) -> None:
    if sent and case.remote_id and sent.remote_id != case.remote_id:
        log.warning("crm_case_moved", case=case.pk)  # somebody deleted the record, or merged it with another
    place = {"remote_id": sent.remote_id, "url": sent.url} if sent else {}
    newest = Case(When(version=case.version, then=Value(State.SYNCED)), default=Value(State.PENDING))
    rest = {"synced_hash": digest, "synced_at": timezone.now(), "last_error": "", "tries": 0, "due_at": timezone.now()}
    _release(case, state=newest, away_until=None, **rest, **place)
    if sent:
        log.info("crm_case_sent", case=case.pk, tries=case.tries)
    if CrmCase.objects.filter(pk=case.pk, state=State.PENDING).exists():
        task_enqueue(SEND, case.pk)


def _refused(case: CrmCase, error: CaseRefused) -> None:
    """Sending the same again would end the same; what changed meanwhile may make the difference."""
    newest = Case(When(version=case.version, then=Value(State.FAILED)), default=Value(State.PENDING))
    _release(case, state=newest, last_error=error.message[:300], away_until=None)
    log.error("crm_case_refused", case=case.pk, told=error.message)


def _put_off(case: CrmCase, error: Exception) -> None:
    now = timezone.now()
    wait = min(FIRST_WAIT * 2 ** min(case.tries - 1, 10), LONGEST_WAIT)
    asked = min(timedelta(seconds=error.retry_after), LONGEST_WAIT) if isinstance(error, CrmAway) else timedelta(0)
    alone = isinstance(error, CaseHeld) or not isinstance(error, OmniError)
    told = error.message if isinstance(error, OmniError) else f"Our own failure: {type(error).__name__}."
    away_until = None if alone else now + max(PAUSE, asked)
    _release(case, due_at=now + max(wait, asked), last_error=told[:300], away_until=away_until)
    level = log.warning if isinstance(error, OmniError) else log.exception
    level("crm_case_put_off", case=case.pk, tries=case.tries, error=type(error).__name__, told=told)


def _release(case: CrmCase, **fields: object) -> None:
    """Only while the lease is still ours: who took the case over since knows better."""
    ours = CrmCase.objects.filter(pk=case.pk, lease_token=case.lease_token)
    ours.update(lease_token="", lease_until=None, **fields)
