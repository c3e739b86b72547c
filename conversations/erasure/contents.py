"""Table by table: what of a row is content and goes. A test looks for planted data in every table afterwards."""

from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.services import runs_erase, traces_erase
from conversations.crm.noting import cases_erase
from conversations.erasure.matters import REASON
from conversations.erasure.scope import ErasureScope
from conversations.models import (
    Attachment,
    CaseBrief,
    Conversation,
    Customer,
    Delivery,
    Escalation,
    FollowUp,
    HeldReply,
    Identity,
    Insight,
    Interaction,
    Message,
    Query,
    SignInCode,
    Suggestion,
    Transcription,
)
from omnicqm.common.outbox.services import outbox_erase
from omnicqm.common.pseudonyms import pseudonyms
from omnicqm.common.services.idempotency import idempotency_erase

ERASED = "[deleted at the customer's wish]"  # where a text has stood and people may look for it


def contents_erase(scope: ErasureScope) -> None:
    """Empty every text of `scope` in our tables and in those on our left. Call inside a transaction."""
    transcriptions = _speech_erase(scope)  # before the files, whose transcriptions go with them
    _files_erase(scope)
    _threads_erase(scope)
    _work_erase(scope)
    _insights_erase(scope)
    cases_erase(scope.conversations)
    runs_erase(origins=scope.queries)
    traces_erase(session__in=scope.conversations)
    traces_erase(subject__in=[name for customer_id in scope.customers for name in pseudonyms(customer_id)])
    idempotency_erase(ids=[*scope.ids, *transcriptions])
    LogEntry.objects.filter(object_id__in=scope.ids).update(object_repr=ERASED, change_message="")
    _people_erase(scope)


def _files_erase(scope: ErasureScope) -> None:
    attachments = Attachment.objects.filter(message__in=scope.messages)
    names = [name for name in attachments.values_list("file", flat=True) if name]
    attachments.filter(transcription=None).delete()
    attachments.update(name=ERASED, sha256="", file="")  # until the provider has forgotten it; the second pass deletes
    # Only once it is certain: a file does not come back when the transaction does not happen.
    transaction.on_commit(lambda: _files_delete(names))


def _files_delete(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _speech_erase(scope: ErasureScope) -> list[str]:
    """What was heard, sent or not; returns the ids. A recording that somebody is at work on, or the provider has, keeps
    its row, emptied and ended: nobody tells its text any more, and what the provider holds of it is removed."""
    heard = Q(message__in=scope.messages) | Q(attachment__message__in=scope.messages)
    heard |= Q(visitor__in=scope.values_of(Identity.Kind.VISITOR), attachment=None)
    ids = list(Transcription.objects.filter(heard).values_list("pk", flat=True))
    theirs = Transcription.objects.filter(pk__in=ids)
    now = timezone.now()
    theirs.filter(Q(lease_until=None) | Q(lease_until__lt=now), begun=False).delete()
    theirs.update(text="", words=[], doubtful=[])
    theirs.filter(state=Transcription.State.PENDING).update(
        state=Transcription.State.FAILED, error_code="erased", finished_at=now
    )
    return ids


def _threads_erase(scope: ErasureScope) -> None:
    notes = Message.objects.filter(pk__in=scope.messages, direction=Message.Direction.NOTE, author="system")
    notes.update(sender=None)  # they say that it was deleted, and nothing else
    said = Message.objects.filter(pk__in=scope.messages).exclude(pk__in=notes.values("pk"))
    said.update(
        text=ERASED,
        html="",
        raw_text="",
        raw_html="",
        subject="",
        external_id="",
        in_reply_to="",
        references=[],
        client_id="",
        sources=[],
        metadata={},
        sender=None,
    )
    Conversation.objects.filter(pk__in=scope.conversations).update(subject="")
    theirs = Interaction.objects.filter(customer__in=scope.customers)
    theirs.update(detail="", intent="", external_id="", identity=None)


def _work_erase(scope: ErasureScope) -> None:
    Escalation.objects.filter(conversation__in=scope.conversations).update(
        explanation="", draft="", draft_sources=[], packet={}, summary="", resolution_note=""
    )
    held = HeldReply.objects.filter(escalation__conversation__in=scope.conversations)
    held.filter(state=HeldReply.State.HELD).update(state=HeldReply.State.STOPPED, ended_at=timezone.now())
    held.update(text="", draft="", reason="")
    CaseBrief.objects.filter(escalation__conversation__in=scope.conversations).delete()
    Suggestion.objects.filter(escalation__conversation__in=scope.conversations).delete()
    FollowUp.objects.filter(conversation__in=scope.conversations).update(what=ERASED, outcome="")
    Query.objects.filter(pk__in=scope.queries).exclude(reason="").exclude(reason=REASON).update(reason=ERASED)
    deliveries = Delivery.objects.filter(query__in=scope.queries)
    deliveries.filter(kind=Delivery.Kind.MAIL).update(target=ERASED)
    deliveries.exclude(last_error="").update(last_error=ERASED)


def _insights_erase(scope: ErasureScope) -> None:
    """The texts go, the measurements stay. None of them answers a request again."""
    Insight.objects.filter(pk__in=scope.insights).update(
        is_current=False,
        unique_process_id=F("id"),
        account_number=ERASED,
        contact_id=ERASED,
        initial_contact_id="",
        ivr_intent="",
        channel_filter=None,
        summary="",
        interactions=[],
        query={},
        checks={},
        result_key="",
    )
    outbox_erase(keys=scope.insights)


def _people_erase(scope: ErasureScope) -> None:
    SignInCode.objects.filter(email__in=scope.values_of(Identity.Kind.EMAIL)).delete()
    Identity.objects.filter(pk__in=scope.identities).delete()
    Customer.objects.filter(pk__in=scope.customers).update(display_name="", language="", profile={})
