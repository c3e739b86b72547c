"""A customer has their data deleted: afterwards no table holds any of it, and nothing of anybody else is missing."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from agents.models import HttpTool, HttpToolEffect, Run, RunEntry, RunStep, RunTrace
from conversations.channels.base import Sender
from conversations.erasure import customer_erase
from conversations.erasure.services import UNDER_WAY, erasures_sweep
from conversations.errors import CannotMerge, CustomerMerged
from conversations.escalations.services import escalation_open, held_replies_sweep
from conversations.identity import customer_merge, identity_resolve
from conversations.models import (
    Attachment,
    Conversation,
    Customer,
    Delivery,
    Erasure,
    Escalation,
    FollowUp,
    HeldReply,
    Identity,
    Insight,
    Interaction,
    Message,
    Query,
    SignInCode,
    Transcription,
)
from conversations.speech import recordings
from conversations.speech.types import Transcript
from feedback.services import rating_give
from feedback.targets import Target
from omnicqm.common.models import AuditEvent, IdempotencyRecord, OutboxRecord
from omnicqm.common.outbox.services import outbox_add
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db

MARK = "Zaphyra"  # in everything that is told of her
ACTOR = "customer:test"


def rows_with(mark: str) -> list[str]:
    """``table.column`` of everything in the database that holds `mark`, in whatever type it is kept."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
        for table, column in cursor.fetchall():
            question = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s'
            cursor.execute(question, [f"%{mark}%"])
            found += [f"{table}.{column}"] * bool(cursor.fetchone()[0])
    return sorted(found)


def told_of(mark: str) -> Customer:
    """Somebody who has `mark` in every text that we keep of people."""
    address = f"{mark}@example.com".lower()
    customer = customer_make(address, display_name=f"{mark} Quill", profile={"Note": f"likes {mark}"}, language="de")
    conversation = conversation_make(customer, subject=f"The order of {mark}")
    run = run_make(mark)
    query = query_make(conversation, f"I am {mark}", subject=f"Re {mark}", external_id=f"<{mark}@mail>")
    Run.objects.filter(pk=run.pk).update(origin=query.pk)
    message = query.message
    Message.objects.filter(pk=message.pk).update(
        raw_text=mark,
        raw_html=mark,
        html=mark,
        in_reply_to=mark,
        references=[mark],
        metadata={"to": mark},
        client_id=mark,
        sources=[{"quote": mark}],
    )
    Attachment.objects.create(
        message=message, name=f"{mark}.txt", content_type="text/plain", size=3, file=ContentFile(b"abc", f"{mark}.txt")
    )
    heard = {"text": mark, "words": [{"text": mark}], "finished_at": timezone.now()}
    spoken = Transcription.objects.create(source="api", client="c", message=message, **heard)
    IdempotencyRecord.objects.create(
        client="c", key=f"{mark[:1]}v", fingerprint="f", status=200, body={"transcription_id": spoken.pk, "text": mark}
    )
    Transcription.objects.create(source="upload", visitor=f"v_{mark}", message=message, **heard)
    Transcription.objects.create(source="live", visitor=f"v_{mark}", **heard)
    escalation = escalation_open(conversation=conversation, queries=[query], result=None)
    Escalation.objects.filter(pk=escalation.pk).update(
        draft=mark,
        explanation=mark,
        packet={"summary": mark},
        draft_sources=[{"quote": mark}],
        summary=mark,
        resolution_note=mark,
    )
    HeldReply.objects.create(
        escalation=escalation,
        user=get_user_model().objects.create(username=f"writer-{mark[:2]}"),
        text=f"Dear {mark}",
        draft=mark,
        reason=mark,
        known_seq=1,
        send_at=timezone.now() + timedelta(seconds=10),
    )
    FollowUp.objects.create(conversation=conversation, what=f"Ring {mark}", due_on="2030-01-01", key=f"key-{mark[:2]}")
    Delivery.objects.create(
        kind="mail", event="x", query=query, target=address, state="pending", last_error=f"550 {address}"
    )
    SignInCode.objects.create(
        email=address, code_hash="x", browser="b", network="n", expires_at=timezone.now() + timedelta(minutes=5)
    )
    identity_resolve(sender=Sender(kind="visitor", value=f"v_{mark}"), source="chat")
    Identity.objects.filter(kind="visitor", value=f"v_{mark}").update(customer=customer)
    interaction = {"customer": customer, "channel": "phone", "source": "api", "occurred_at": timezone.now()}
    Interaction.objects.create(**interaction, intent=mark, detail=f"called: {mark}", external_id=f"{mark}-1")
    insight = insight_make(customer, mark)
    for target in (Target(insight_id=insight.pk), Target(query_id=query.pk)):
        rating_give(target=target, rater="client:crm", feedback="not_helpful", reason=mark, comment=f"{mark}!")
    IdempotencyRecord.objects.create(
        client="c", key=mark[:1], fingerprint="f", status=200, body={"request_id": query.pk, "reply": {"text": mark}}
    )
    LogEntry.objects.create(
        user=get_user_model().objects.create(username=f"staff-{mark[:2]}"),
        content_type=ContentType.objects.get_for_model(Customer),
        object_id=customer.pk,
        object_repr=f"{mark} Quill",
        action_flag=CHANGE,
    )
    return customer


def run_make(mark: str) -> Run:
    run = Run.objects.create(
        scope="channel:outlook",
        reply_text=mark,
        explanation=mark,
        intent=mark,
        sources=[{"quote": mark}],
        factors={"urgency": {"count": 1, "weight": 15, "evidence": [mark]}},
    )
    RunStep.objects.create(
        run=run, index=1, kind="tool", name="search", input={"q": mark}, output={"t": mark}, error=mark
    )
    RunEntry.objects.create(run=run, key="k", data={"text": mark})
    RunTrace.objects.create(run=run, question=mark, reply=mark, state="exported", written=True)
    tool = HttpTool.objects.create(name=f"tool_{mark[:2].lower()}", title="T", description="D", url="https://x.example")
    HttpToolEffect.objects.create(key=f"effect-{mark[:2]}", tool=tool, run_id=run.pk, result={"name": mark})
    return run


def insight_make(customer: Customer, mark: str) -> Insight:
    today = timezone.now().date()
    insight = Insight.objects.create(
        client="crm",
        unique_process_id=f"{mark}-call",
        account_number=mark,
        contact_id=f"{mark}-contact",
        initial_contact_id=mark,
        ivr_intent=mark,
        max_history_days=90,
        max_interactions=10,
        channel_filter=[mark],
        customer=customer,
        summary=f"{mark} asks",
        date_from=today,
        date_to=today,
        model_used="m",
        prompt_version="1",
        latency_ms=1,
        valid_until=timezone.now(),
        interactions=[{"text": mark}],
        query={"account": mark},
        checks={"text": mark},
    )
    payload = {"request_id": insight.pk, "summary": mark, "account_number": mark, "interactions": [{"t": mark}]}
    outbox_add(topic="omni-channel/processed", key=insight.pk, payload=payload, at=timezone.now())
    return insight


@pytest.fixture
def zaphyra(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    channel_get("outlook")
    return told_of(MARK)


def test_no_table_holds_anything_of_her_afterwards(zaphyra, django_capture_on_commit_callbacks):
    files = [attachment.file.name for attachment in Attachment.objects.all()]
    assert len(rows_with(MARK)) > 40, "she is everywhere before"
    with django_capture_on_commit_callbacks(execute=True):
        customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with(MARK) == []
    assert not any(default_storage.exists(name) for name in files)


def test_what_was_measured_stays(zaphyra):
    before = {model: model.objects.count() for model in (Conversation, Query, Run, RunStep, Insight, Interaction)}
    references = set(Conversation.objects.values_list("reference", flat=True))
    customer_erase(customer=zaphyra, actor=ACTOR)
    after = {model: model.objects.count() for model in before}
    assert after == before
    assert set(Conversation.objects.values_list("reference", flat=True)) == references
    assert Run.objects.get().factors == {"urgency": {"count": 1, "weight": 15, "evidence": []}}


def test_the_audit_trail_tells_that_it_happened_by_ids_alone(zaphyra):
    customer_erase(customer=zaphyra, actor=f"customer:{zaphyra.pk}")
    event = AuditEvent.objects.get(action="customer.erased")
    assert (event.object_id, event.actor) == (zaphyra.pk, f"customer:{zaphyra.pk}")
    assert event.details == {"erasure_id": Erasure.objects.get().pk}


def test_open_matters_end_and_colleagues_read_why(zaphyra):
    customer_erase(customer=zaphyra, actor=ACTOR)
    conversation = Conversation.objects.get()
    assert conversation.status == "resolved"
    assert Escalation.objects.get().state == "closed"
    assert FollowUp.objects.get().state == "cancelled"
    assert Delivery.objects.get(kind="mail", event="x").state == "failed", "nothing goes to her any more"
    note = conversation.messages.get(direction="note")
    assert "data deleted" in note.text


def test_a_reply_that_was_about_to_go_out_does_not(zaphyra):
    customer_erase(customer=zaphyra, actor=ACTOR)
    HeldReply.objects.update(send_at=timezone.now())
    assert held_replies_sweep() == 0
    assert (HeldReply.objects.get().state, HeldReply.objects.get().text) == ("stopped", "")
    assert not Message.objects.filter(author="consultant").exists()


def test_what_waited_for_an_answer_is_ignored_and_its_sender_is_told():
    query = query_make(conversation_make(), "Where is it?", callback_url="https://gateway.example/hook")
    customer_erase(customer=query.conversation.customer, actor=ACTOR)
    query.refresh_from_db()
    assert (query.status, query.lease_token) == ("ignored", "")
    assert query.deliveries.get().event == "query.ignored"


def test_somebody_else_loses_nothing(zaphyra):
    told_of("Borogrove")
    before = rows_with("Borogrove")
    customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with("Borogrove") == before
    assert rows_with(MARK) == []


def test_a_record_that_was_merged_into_hers_goes_with_it(zaphyra):
    absorbed = customer_make("old@example.com", display_name="Quondam Zee", profile={"Name": "Quondam"})
    query_make(conversation_make(absorbed), "It is Quondam here")
    customer_merge(customer=zaphyra, absorbed=absorbed, actor=ACTOR)
    with pytest.raises(CustomerMerged):
        customer_erase(customer=absorbed, actor=ACTOR)
    assert rows_with("Quondam") != []
    customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with("Quondam") == []


def test_who_was_erased_is_merged_with_nobody(zaphyra):
    customer_erase(customer=zaphyra, actor=ACTOR)
    other = customer_make("other@example.com")
    for customer, absorbed in ((zaphyra, other), (other, zaphyra)):
        with pytest.raises(CannotMerge, match="data deleted"):
            customer_merge(customer=customer, absorbed=absorbed, actor=ACTOR)


def test_it_happens_once(zaphyra):
    first = customer_erase(customer=zaphyra, actor=ACTOR)
    again = customer_erase(customer=zaphyra, actor=ACTOR)
    assert again == first
    assert AuditEvent.objects.filter(action="customer.erased").count() == 1
    assert Message.objects.filter(direction="note").count() == 1


def test_who_writes_from_her_address_afterwards_is_somebody_new(zaphyra):
    customer_erase(customer=zaphyra, actor=ACTOR)
    sender = Sender(kind="email", value=f"{MARK}@example.com", verified=True)
    identity = identity_resolve(sender=sender, source="outlook")
    assert identity.customer_id != zaphyra.pk
    assert not identity.customer.conversations.exists()


def test_what_work_under_way_stores_later_goes_in_a_second_pass(zaphyra):
    erasure = customer_erase(customer=zaphyra, actor=ACTOR)
    Run.objects.update(reply_text=f"Dear {MARK}")
    insight_make(zaphyra, MARK)
    assert erasures_sweep() == 0, "it may still be under way"
    Erasure.objects.update(erased_at=timezone.now() - UNDER_WAY - timedelta(seconds=1))
    assert erasures_sweep() == 1
    assert rows_with(MARK) == []
    erasure.refresh_from_db()
    assert erasure.swept_at is not None
    assert erasures_sweep() == 0


def test_records_for_the_warehouse_keep_what_was_measured(zaphyra):
    customer_erase(customer=zaphyra, actor=ACTOR)
    insight = Insight.objects.get()
    payload = OutboxRecord.objects.get(key=insight.pk).payload
    assert payload == {"request_id": insight.pk, "summary": "", "account_number": "", "interactions": []}


def test_a_recording_the_provider_still_holds_is_removed_there_before_its_row_goes(zaphyra):
    attachment = Attachment.objects.get()
    now = timezone.now()
    fields = {"text": MARK, "begun": True, "state": "done", "finished_at": now}
    Transcription.objects.create(source="attachment", attachment=attachment, message=attachment.message, **fields)
    erasure = customer_erase(customer=zaphyra, actor=ACTOR)
    assert rows_with(MARK) == []
    assert Transcription.objects.get().begun, "by it the sweep knows what to remove"
    Transcription.objects.update(begun=False)
    Erasure.objects.update(erased_at=timezone.now() - UNDER_WAY - timedelta(seconds=1))
    erasures_sweep()
    assert not Attachment.objects.exists()
    assert not Transcription.objects.exists()
    assert Erasure.objects.get() == erasure


class Engine:
    """A provider that hears her name; `while_beginning` is done while it is given a recording."""

    most_recording_seconds = 60
    name, doubt_below = "engine", 0.5

    def __init__(self, while_beginning=lambda: None):
        self.while_beginning = while_beginning
        self.holds: set[str] = set()

    def language_choose(self, wanted):
        return "en-US"

    def recording_begin(self, *, name, pcm, language):
        self.while_beginning()
        self.holds.add(name)

    def recording_look(self, *, name):
        return Transcript(f"This is {MARK}", (), "en-US", 1.0, "engine")

    def recording_forget(self, *, name):
        self.holds.discard(name)

    def cost_usd(self, seconds):
        return 0


def note_waiting(**fields):
    attachment = Attachment.objects.get()
    fields = {"source": "attachment", "state": "pending", "message": attachment.message, **fields}
    return Transcription.objects.create(attachment=attachment, **fields)


def due_now():
    Transcription.objects.update(due_at=timezone.now(), lease_until=None)


def test_what_is_heard_of_a_recording_afterwards_is_told_nobody(zaphyra, monkeypatch):
    engine = Engine()
    monkeypatch.setattr(recordings, "speech_get", lambda: engine)
    row = note_waiting(begun=True)
    engine.holds.add(row.pk)
    customer_erase(customer=zaphyra, actor=ACTOR)
    for _ in range(2):
        due_now()
        recordings.transcription_work(transcription_id=row.pk)
    assert rows_with(MARK) == []
    assert engine.holds == set()


def test_a_recording_that_is_just_being_given_to_the_provider_is_removed_there_too(zaphyra, monkeypatch):
    engine = Engine(while_beginning=lambda: customer_erase(customer=zaphyra, actor=ACTOR))
    monkeypatch.setattr(recordings, "speech_get", lambda: engine)
    monkeypatch.setattr(recordings, "audio_decode", lambda *_, **__: bytes(3200))
    row = note_waiting()
    recordings.transcription_work(transcription_id=row.pk)
    assert engine.holds == {row.pk}
    due_now()
    recordings.transcription_work(transcription_id=row.pk)
    assert engine.holds == set()
    assert rows_with(MARK) == []
