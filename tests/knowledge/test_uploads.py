"""Handing files in: what becomes a document, what a new version, and what nothing at all."""

import json
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from knowledge.errors import DocumentNotFound, FileUnreadable
from knowledge.models import Audience, Chunk, Document, DocumentVersion, Upload
from knowledge.services import document_delete, upload_create
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent

pytestmark = pytest.mark.django_db


def jsonl(*records) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def upload(data: bytes, **options):
    return upload_create(data=data, name="file", source="test", actor="user:1", **options)


def stored_files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


class TestVersions:
    def test_a_file_under_a_new_id_is_a_document_with_one_queued_version(self, hand_in):
        document = hand_in("It is $35.", external_id="fees", title="Late fee", internal=True)
        [version] = document.versions.all()
        assert (version.number, version.state, version.current, version.title) == (1, "queued", False, "Late fee")
        assert (document.external_id, document.audience, document.source) == ("fees", "internal", "test")
        with version.file.open() as file:
            assert file.read() == b"It is $35."

    def test_the_same_file_again_changes_nothing(self, know):
        assert know("It is $35.", external_id="fees") == know("It is $35.", external_id="fees")
        assert DocumentVersion.objects.count() == 1
        assert Upload.objects.order_by("created_at").last().unchanged == 1

    @pytest.mark.parametrize("change", [{"text": "It is $40."}, {"text": "It is $35.", "title": "Late fee"}])
    def test_another_text_or_title_is_a_new_version(self, know, change):
        know("It is $35.", external_id="fees")
        document = know(change.pop("text"), external_id="fees", **change)
        assert [version.number for version in document.versions.order_by("number")] == [1, 2]
        assert [version.current for version in document.versions.order_by("number")] == [False, True]

    def test_a_file_that_failed_is_tried_anew_when_it_comes_again(self, know):
        know("***\n", external_id="fees")
        document = know("***\n", external_id="fees")
        assert [version.state for version in document.versions.all()] == ["failed", "failed"]

    def test_files_without_an_id_are_different_documents(self, know):
        assert know("It is $35.") != know("It is $35.")

    def test_the_audience_changes_only_when_it_is_said(self, know):
        know("It is $35.", external_id="fees", internal=True)
        assert know("It is $40.", external_id="fees").audience == Audience.INTERNAL
        assert know("It is $40.", external_id="fees", internal=False).audience == Audience.CUSTOMER
        assert DocumentVersion.objects.count() == 2

    def test_text_is_cleaned_and_an_identifier_is_refused(self, hand_in):
        assert hand_in("x", title="Late\x00 fee\n").versions.get().title == "Late fee"
        with pytest.raises(InvalidInput) as refused:
            hand_in("x", external_id="a\x00b")
        assert refused.value.param == "external_id"


class TestJsonl:
    def test_every_record_is_a_document_under_its_own_id_title_and_audience(self, settings):
        receipt = upload(
            jsonl(
                {"id": "a", "title": "Fees", "text": "# Late\n\n$35", "internal": False},
                {"id": "b", "title": "Rules", "text": "%PDF-1.7 is how PDF files begin.", "internal": True},
                {"id": "c", "title": "Data", "text": '{"id": "x", "text": "y"}'},
            ),
            audience=Audience.INTERNAL,
        )
        assert [(one.external_id, one.audience) for one in receipt.documents] == [
            ("a", "customer"),
            ("b", "internal"),
            ("c", "internal"),
        ]
        assert [version.title for version in receipt.versions] == ["Fees", "Rules", "Data"]
        assert [version.content_type for version in receipt.versions] == ["text/markdown", "text/plain", "text/plain"]
        assert len(stored_files(settings)) == 3

    def test_only_changed_records_make_versions(self):
        upload(jsonl({"id": "a", "title": "A", "text": "1"}, {"id": "b", "title": "B", "text": "1"}))
        receipt = upload(jsonl({"id": "a", "title": "A", "text": "1"}, {"id": "b", "title": "B", "text": "2"}))
        assert receipt.upload.unchanged == 1
        assert [version.document.external_id for version in receipt.versions] == ["b"]

    def test_one_wrong_line_and_nothing_is_stored(self, settings):
        with pytest.raises(FileUnreadable, match="Line 2"):
            upload(jsonl({"id": "a", "title": "A", "text": "1"}, {"id": "b", "title": "B"}))
        assert not Document.objects.exists()
        assert stored_files(settings) == []

    def test_a_failing_transaction_leaves_no_file(self, settings, monkeypatch):
        def refuse(**_):
            raise IntegrityError

        monkeypatch.setattr("knowledge.services.uploads.audit_record", refuse)
        with pytest.raises(IntegrityError):
            upload(jsonl({"id": "a", "title": "A", "text": "1"}, {"id": "b", "title": "B", "text": "2"}))
        assert not Document.objects.exists()
        assert stored_files(settings) == []

    @pytest.mark.django_db(transaction=True)
    def test_a_hook_that_fails_after_the_commit_costs_no_file(self, settings, monkeypatch):
        def refuse(*_):
            raise RuntimeError

        monkeypatch.setattr("knowledge.services.uploads.task_enqueue", lambda *_: transaction.on_commit(refuse))
        with pytest.raises(RuntimeError):
            upload(b"It is $35.")
        assert DocumentVersion.objects.count() == len(stored_files(settings)) == 1

    def test_an_id_for_the_whole_file_is_refused(self):
        with pytest.raises(InvalidInput) as refused:
            upload(jsonl({"id": "a", "title": "A", "text": "1"}), external_id="all")
        assert refused.value.param == "external_id"


class TestDeletion:
    def test_a_deleted_document_leaves_no_row_and_no_file(self, know, settings):
        know("It is $35.", external_id="fees")
        document = know("It is $40.", external_id="fees")
        kept = know("Nine to five.", external_id="hours")
        document_delete(document_id=document.id, actor="user:1")
        assert list(Document.objects.all()) == [kept]
        assert {chunk.version.document_id for chunk in Chunk.objects.all()} == {kept.id}
        assert [path.name for path in stored_files(settings)] == [kept.versions.get().id]

    def test_when_the_storage_fails_the_document_stays_and_can_be_deleted_later(self, know, monkeypatch):
        document = know("It is $35.")

        def fail(name):
            raise OSError("the disk is on fire")

        monkeypatch.setattr(default_storage._wrapped, "delete", fail)
        with pytest.raises(OSError, match="fire"), transaction.atomic():
            document_delete(document_id=document.id, actor="user:1")
        monkeypatch.undo()
        assert Chunk.objects.filter(version__document=document).exists()
        document_delete(document_id=document.id, actor="user:1")
        assert not Document.objects.exists()

    @pytest.mark.parametrize("unknown", ["doc_01k8z3c9v7e2m4n6p8r0t2w4y6", "nonsense", "doc_\x00"])
    def test_an_unknown_document_is_not_found(self, unknown):
        with pytest.raises(DocumentNotFound):
            document_delete(document_id=unknown, actor="user:1")


def test_uploads_and_deletions_are_in_the_audit_trail_without_content(know):
    document = know("It is $35.", external_id="fees")
    document_delete(document_id=document.id, actor="user:7")
    assert list(AuditEvent.objects.order_by("at").values_list("actor", "action", "details")) == [
        ("system:test", "knowledge.uploaded", {"documents": 1}),
        ("user:7", "document.deleted", {"versions": 1}),
    ]


class TestConstraints:
    """The database refuses what the code must never write."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"state": "lost"},
            {"state": "failed"},
            {"error": "an error without failure"},
            {"current": True, "state": "queued"},
            {"number": 0},
        ],
    )
    def test_versions(self, know, wrong):
        version = know("It is $35.").versions.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentVersion.objects.filter(pk=version.pk).update(**wrong)

    def test_two_current_versions(self, know):
        know("It is $35.", external_id="fees")
        document = know("It is $40.", external_id="fees")
        with pytest.raises(IntegrityError), transaction.atomic():
            document.versions.update(current=True)

    def test_two_documents_with_one_external_id(self, know):
        know("It is $35.", external_id="fees")
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.create(external_id="fees", source="test")

    def test_an_audience_nobody_knows(self, know):
        document = know("It is $35.")
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(pk=document.pk).update(audience="everybody")

    def test_a_vector_without_its_model(self, know):
        know("It is $35.")
        with pytest.raises(IntegrityError), transaction.atomic():
            Chunk.objects.update(embedding_model="")
