"""Records reach the store: each in one object, whatever the store and the workers do meanwhile."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from omnicqm.common.aws import aws_client
from omnicqm.common.models import OutboxBatch, OutboxRecord
from omnicqm.common.outbox import batches, flush
from omnicqm.common.outbox.flush import outbox_flush
from omnicqm.common.outbox.selectors import outbox_state
from omnicqm.common.outbox.services import outbox_add
from tests.simulators.aws import AwsServer, denied, throttled

AT = datetime(2026, 3, 9, 7, 59, 59, tzinfo=UTC)
TOPIC = "omni-channel/processed"
BUCKET = "acme-warehouse"


def add(*keys: str, at: datetime = AT, topic: str = TOPIC, text: str = "é") -> None:
    for key in keys:
        outbox_add(topic=topic, key=key, payload={"request_id": key, "text": text}, at=at)


def keys_in(body: bytes) -> list[str]:
    return [json.loads(line)["request_id"] for line in body.decode().splitlines()]


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    backend = "omnicqm.common.outbox.stores.folder.FolderStore"
    settings.OBJECT_STORES = {"local": {"BACKEND": backend, "OPTIONS": {"folder": tmp_path / "warehouse"}}}
    return tmp_path / "warehouse"


@pytest.fixture
def bucket(settings, aws: AwsServer) -> Iterator[AwsServer]:
    """Ours in the simulated S3."""
    backend = "omnicqm.common.outbox.stores.s3.S3Store"
    settings.FILES = "s3"
    settings.OBJECT_STORES = {"s3": {"BACKEND": backend, "OPTIONS": {"bucket": BUCKET, "kms_key": "key-1"}}}
    region = {"LocationConstraint": "eu-central-1"}
    aws_client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    aws.calls.clear()
    return aws


def objects() -> dict[str, bytes]:
    """What is in the bucket, by key."""
    found = aws_client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {
        entry["Key"]: aws_client("s3").get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read() for entry in found
    }


def due_now() -> None:
    OutboxBatch.objects.update(due_at=timezone.now())


@pytest.mark.django_db
class TestObjects:
    def test_records_of_an_hour_become_lines_of_one_object(self, folder):
        add("ins_1", "ins_2")
        add("ins_3", at=AT + timedelta(seconds=1))
        add("ins_1", topic="omni-channel/feedback")
        current_app.tasks["common.outbox_flush"].delay()
        files = {file.parent.relative_to(folder).as_posix(): file for file in folder.rglob("*.jsonl")}
        assert {place: keys_in(file.read_bytes()) for place, file in files.items()} == {
            f"{TOPIC}/year=2026/month=03/day=09/hour=07": ["ins_1", "ins_2"],
            f"{TOPIC}/year=2026/month=03/day=09/hour=08": ["ins_3"],
            "omni-channel/feedback/year=2026/month=03/day=09/hour=07": ["ins_1"],
        }
        first = files[f"{TOPIC}/year=2026/month=03/day=09/hour=07"].read_bytes()
        assert first.splitlines()[0] == '{"request_id":"ins_1","text":"é"}'.encode()
        assert outbox_flush() == 0

    def test_an_hour_is_one_of_utc(self, folder):
        add("ins_1", at=datetime.fromisoformat("2026-03-09T01:30:00+05:45"))
        outbox_flush()
        assert [batch.hour for batch in OutboxBatch.objects.all()] == [datetime(2026, 3, 8, 19, tzinfo=UTC)]

    def test_an_object_is_no_larger_than_it_may_be(self, folder, monkeypatch):
        monkeypatch.setattr(batches, "MAX_RECORDS", 2)
        monkeypatch.setattr(batches, "MAX_BYTES", 200)
        add("ins_1", text="long" * 100)
        add("ins_2", "ins_3", "ins_4")
        assert outbox_flush() == 4
        assert sorted(batch.records_count for batch in OutboxBatch.objects.all()) == [1, 1, 2]

    def test_a_folder_that_takes_nothing_is_told_and_nothing_is_lost(self, folder):
        folder.write_text("in the way")
        add("ins_1")
        assert outbox_flush() == 0
        assert "warehouse cannot be written: Not a directory" in outbox_state().last_error
        folder.unlink()
        due_now()
        assert outbox_flush() == 1
        assert outbox_state().last_error == ""


@pytest.mark.django_db
class TestBucket:
    def test_an_object_is_encrypted_with_our_key(self, bucket):
        add("ins_1")
        assert outbox_flush() == 1
        [(key, body)] = objects().items()
        about = aws_client("s3").head_object(Bucket=BUCKET, Key=key)
        assert keys_in(body) == ["ins_1"]
        assert (about["ServerSideEncryption"], about["SSEKMSKeyId"]) == ("aws:kms", "key-1")
        assert about["ContentType"] == "application/x-ndjson"

    @pytest.mark.parametrize(
        ("failure", "told"),
        [(throttled, "AWS answered SlowDown."), (denied, "s3:PutObject")],
        ids=["throttled", "denied"],
    )
    def test_a_store_that_refuses_gets_the_same_object_later(self, bucket, failure, told):
        add("ins_1")
        bucket.fail(failure)
        assert outbox_flush() == 0
        state = outbox_state()
        assert (state.pending, told in state.last_error) == (1, True)
        assert state.oldest is not None
        add("ins_2")
        assert outbox_flush() == 0, "it is not due yet, and nothing new is put before it"
        bucket.recover()
        due_now()
        assert outbox_flush() == 2
        assert sorted(map(keys_in, objects().values())) == [["ins_1"], ["ins_2"]]
        assert (outbox_state().pending, outbox_state().last_error) == (0, "")

    def test_waits_grow_up_to_a_quarter_of_an_hour(self, bucket):
        add("ins_1")
        bucket.fail(throttled)
        waits = []
        for _ in range(8):
            outbox_flush()
            batch = OutboxBatch.objects.get()
            waits.append(round((batch.due_at - timezone.now()).total_seconds()))
            due_now()
        assert waits == [30, 60, 120, 240, 480, 900, 900, 900]

    def test_a_store_that_says_nothing_is_left_at_the_deadline(self, bucket, monkeypatch):
        monkeypatch.setattr(flush, "PUT_SECONDS", 0.2)
        add("ins_1")
        bucket.hang()
        assert outbox_flush() == 0
        assert outbox_state().last_error == "AWS did not answer in time."

    def test_a_store_that_is_gone_is_told(self, bucket, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
        add("ins_1")
        assert outbox_flush() == 0
        assert outbox_state().last_error.startswith("No connection to AWS")

    def test_a_bucket_that_is_not_there_is_named_as_such(self, bucket):
        aws_client("s3").delete_bucket(Bucket=BUCKET)
        add("ins_1")
        assert outbox_flush() == 0
        assert "NoSuchBucket" in outbox_state().last_error

    def test_who_is_killed_between_put_and_mark_leaves_an_object_that_is_put_again(self, bucket, monkeypatch):
        class Killed(BaseException):
            pass

        def kill(batch):
            raise Killed

        add("ins_1", "ins_2")
        with monkeypatch.context() as patched:
            patched.setattr(flush, "batch_stored", kill)
            with pytest.raises(Killed):
                outbox_flush()
        before = objects()
        add("ins_3")
        assert outbox_flush() == 0, "the dead worker's lease is respected"
        due_now()
        assert outbox_flush() == 3
        after = objects()
        assert len(before) == 1
        assert before.items() <= after.items()
        assert sorted(map(keys_in, after.values())) == [["ins_1", "ins_2"], ["ins_3"]]

    def test_stored_records_are_kept_for_a_week(self, bucket):
        add("old", "new", "failing")
        outbox_flush()
        now = timezone.now()
        for key, stored_at in (("old", now - timedelta(days=8)), ("new", now - timedelta(days=6)), ("failing", None)):
            batch = OutboxBatch.objects.create(topic=TOPIC, hour=AT, records_count=1, size=1, stored_at=stored_at)
            OutboxRecord.objects.filter(key=key).update(batch=batch, created_at=now - timedelta(days=30))
        current_app.tasks["common.records_purge"].delay()
        assert sorted(record.key for record in OutboxRecord.objects.all()) == ["failing", "new"]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_store_each_record_once(bucket, monkeypatch):
    monkeypatch.setattr(batches, "MAX_RECORDS", 10)
    names = [f"ins_{number}" for number in range(100)]
    add(*names)

    def work(_: int) -> int:
        try:
            return outbox_flush()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        stored = sum(workers.map(work, range(4)))
    stored += outbox_flush()  # a worker leaves when all open batches are another's
    assert stored == 100
    assert sorted(key for body in objects().values() for key in keys_in(body)) == sorted(names)
    puts = [path for method, path in bucket.calls if method == "PUT"]
    assert len(puts) == len(set(puts)) == len(objects())
