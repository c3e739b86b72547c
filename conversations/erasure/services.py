"""Deleting a customer's data, exactly once, with everything that is still open."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from conversations.chat.events import conversation_leave_announce
from conversations.erasure.contents import contents_erase
from conversations.erasure.matters import matters_end
from conversations.erasure.scope import ErasureScope, scope_of
from conversations.errors import CustomerMerged
from conversations.models import Conversation, Customer, Erasure, Identity
from omnicqm.common.logs import get_logger
from omnicqm.common.services import audit_record

log = get_logger(__name__)

UNDER_WAY = timedelta(minutes=10)  # longer than any run, summary or delivery that had begun before


@transaction.atomic
def customer_erase(*, customer: Customer, actor: str) -> Erasure:
    """Delete what we hold of `customer`: messages, files, identities, records, summaries, and what runs noted.

    What is still open ends without an answer, and the colleagues who had it are told. Ids, moments and numbers stay.
    All of it happens in one transaction; a second call finds it done and changes nothing. Whoever writes from the same
    address afterwards is somebody new. Raises `CustomerMerged` for a customer that another has taken over: that one is
    who the data belongs to now.
    """
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if locked.merged_into_id is not None:
        raise CustomerMerged("This customer was merged into another one.", param="customer_id")
    erasure, is_new = Erasure.objects.get_or_create(customer=locked)
    if not is_new:
        return erasure
    scope = scope_of(locked)
    # In the order in which everybody locks: identities, then conversations. Who writes at this moment waits.
    list(Identity.objects.select_for_update().filter(pk__in=scope.identities).order_by("pk"))
    list(Conversation.objects.select_for_update().filter(pk__in=scope.conversations).order_by("pk"))
    scope = scope_of(locked)  # with what was stored meanwhile
    matters_end(scope)
    _erase(scope_of(locked))  # with the notes about it
    audit_record(actor=actor, action="customer.erased", obj=locked, details={"erasure_id": erasure.pk})
    for conversation_id in scope.conversations:
        conversation_leave_announce(conversation_id)
    return erasure


def erasures_sweep() -> int:
    """Look once more for what work that was under way has stored since; returns for how many customers."""
    late = Erasure.objects.filter(swept_at=None, erased_at__lt=timezone.now() - UNDER_WAY)
    ids = list(late.values_list("pk", flat=True)[:100])
    return sum(_sweep(erasure_id) for erasure_id in ids)


@transaction.atomic
def _sweep(erasure_id: str) -> bool:
    erasure = Erasure.objects.select_for_update(skip_locked=True).filter(pk=erasure_id, swept_at=None).first()
    if erasure is None:
        return False
    _erase(scope_of(erasure.customer))
    erasure.swept_at = timezone.now()
    erasure.save(update_fields=["swept_at"])
    log.info("erasure_swept", erasure=erasure.pk)
    return True


def _erase(scope: ErasureScope) -> None:
    contents_erase(scope)
    for name in settings.DATA_ERASERS:
        import_string(name)(scope)
