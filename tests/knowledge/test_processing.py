"""From a stored file to chunks: states, leases, tries, and what a new version does to the old one."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from knowledge import tasks
from knowledge.embeddings import embedder_get
from knowledge.errors import DocumentNotFound, EmbeddingFailed, VersionNotFailed
from knowledge.models import Chunk, DocumentVersion, Upload
from knowledge.selectors import knowledge_search
from knowledge.services import document_delete, version_process, version_retry, versions_sweep
from knowledge.services import processing as processing_module
from knowledge.services.claims import MAX_TRIES, PARALLEL, claim_update, version_claim
from tests.knowledge.files import pdf_of

pytestmark = pytest.mark.django_db


def only_version() -> DocumentVersion:
    return DocumentVersion.objects.get()


def expire_leases() -> None:
    DocumentVersion.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


class TestReady:
    def test_a_version_becomes_ready_with_chunks_vectors_and_terms(self, know):
        document = know("# Fees\n\nA late payment is charged $35.\n\n# Hours\n\nNine to five.")
        version = document.versions.get()
        assert (version.state, version.current, version.chunk_count, version.lease_until) == ("ready", True, 1, None)
        [chunk] = version.chunks.all()
        assert chunk.embedding_model == "all-minilm-l6-v2"
        assert len(chunk.embedding) == 384
        assert chunk.term_counts["charg"] == 1
        assert chunk.term_total == version.term_total == sum(chunk.term_counts.values())

    @pytest.mark.parametrize(
        ("text", "given", "title"),
        [
            ("# Fees\n\n$35", "Late fee", "Late fee"),
            ("# Fees\n\n$35", "", "Fees"),
            ("It is $35.", "", "price list"),
        ],
    )
    def test_the_title_is_the_given_one_else_the_file_s_own_else_its_name(self, know, text, given, title):
        assert know(text, title=given, name="price list.txt").title == title

    def test_a_pdf_is_processed_like_any_text(self, know):
        document = know(pdf_of(("Title", "Opening hours"), ("BodyText", "Nine to five.")), name="hours.pdf")
        assert document.title == "Opening hours"
        assert Chunk.objects.get().text == "Nine to five."


class TestFailed:
    def test_a_file_that_cannot_be_read_fails_with_one_sentence(self, know):
        document = know(b"%PDF-1.7\nbroken", name="fees.pdf")
        version = document.versions.get()
        assert (version.state, version.current) == ("failed", False)
        assert version.error == "The PDF file is broken. Open it, save it again and upload the copy."
        assert str(document) == document.id

    def test_a_missing_file_fails(self, hand_in, settings):
        hand_in("It is $35.")
        for path in Path(settings.MEDIA_ROOT).rglob("ver_*"):
            path.unlink()
        versions_sweep()
        assert only_version().error == "The stored file is gone. Upload it again."

    def test_a_failed_version_can_be_retried_by_staff(self, know):
        version = know("***\n").versions.get()
        retried = version_retry(version_id=version.id, actor="user:1")
        assert (retried.state, retried.error, retried.tries) == ("queued", "", 0)

    def test_only_a_failed_version_can_be_retried(self, know):
        version = know("It is $35.").versions.get()
        with pytest.raises(VersionNotFailed, match="ready"):
            version_retry(version_id=version.id, actor="user:1")
        with pytest.raises(DocumentNotFound):
            version_retry(version_id="ver_unknown", actor="user:1")

    def test_the_old_version_goes_on_being_found_when_the_new_one_fails(self, know):
        know("It is $35.", external_id="fees")
        know("***\n", external_id="fees")
        assert [passage.version for passage in knowledge_search(query="how much is it")] == [1]


class TestClaims:
    def test_a_claimed_version_is_not_claimed_again(self, hand_in):
        hand_in("It is $35.")
        assert version_claim()
        assert version_claim() is None
        assert not version_process(version_id=only_version().id)

    def test_the_version_of_a_killed_worker_is_taken_up_after_its_lease(self, hand_in):
        hand_in("It is $35.")
        version_claim()
        expire_leases()
        assert versions_sweep() == 1
        version = only_version()
        assert (version.state, version.tries) == ("ready", 2)

    def test_a_worker_that_lost_its_claim_changes_nothing(self, hand_in):
        hand_in("It is $35.")
        late = version_claim()
        expire_leases()
        assert version_claim().tries == 2
        assert not claim_update(late, state="failed", error="too late")
        assert only_version().state == "parsing"

    def test_after_the_last_try_it_is_failed_and_not_tried_for_ever(self, hand_in):
        hand_in("It is $35.")
        for _ in range(MAX_TRIES):
            assert version_claim()
            expire_leases()
        assert versions_sweep() == 0
        assert only_version().state == "failed"
        assert "broke off several times" in only_version().error

    def test_an_error_on_our_side_gives_the_version_back_at_once(self, hand_in, monkeypatch):
        hand_in("It is $35.")

        def refuse(texts):
            raise EmbeddingFailed("The embedding service does not answer.")

        monkeypatch.setattr(embedder_get(), "embed_texts", refuse)
        with pytest.raises(EmbeddingFailed):
            version_process()
        monkeypatch.undo()
        assert versions_sweep() == 1
        assert only_version().state == "ready"

    def test_no_more_than_a_few_are_worked_on_at_a_time(self, hand_in):
        for number in range(PARALLEL + 1):
            hand_in(f"It is ${number}.")
        claimed = [version_claim() for _ in range(PARALLEL + 1)]
        assert [version is None for version in claimed] == [False] * PARALLEL + [True]

    def test_a_document_deleted_meanwhile_is_no_error(self, hand_in, monkeypatch):
        document = hand_in("It is $35.")
        original = processing_module._embed

        def delete_meanwhile(*args):
            vectors = original(*args)
            document_delete(document_id=document.id, actor="user:1")
            return vectors

        monkeypatch.setattr(processing_module, "_embed", delete_meanwhile)
        assert version_process()
        assert not Chunk.objects.exists()


class TestTasks:
    def test_the_task_of_one_version_goes_on_with_what_else_waits(self, hand_in):
        first = hand_in("It is $35.").versions.get()
        hand_in("Nine to five.")
        tasks.version_process.delay(first.id)
        assert set(DocumentVersion.objects.values_list("state", flat=True)) == {"ready"}

    def test_the_sweep_finds_versions_whose_wake_up_was_lost(self, hand_in):
        hand_in("It is $35.")
        tasks.versions_sweep.delay()
        assert only_version().state == "ready"


def test_old_uploads_are_forgotten_and_their_documents_kept(know):
    document = know("It is $35.")
    Upload.objects.update(created_at=timezone.now() - timedelta(days=31))
    versions_sweep()
    assert not Upload.objects.exists()
    assert document.versions.get().state == "ready"


class TestNewVersion:
    def test_it_replaces_the_old_one_in_search_and_old_chunks_stay_readable(self, know):
        know("The late fee is $35.", external_id="fees", title="Late fee")
        old = knowledge_search(query="late fee")[0]
        know("The late fee is $40.", external_id="fees", title="Late fee")
        found = knowledge_search(query="late fee")
        assert [(passage.text, passage.version) for passage in found] == [("The late fee is $40.", 2)]
        cited = Chunk.objects.get(pk=old.chunk_id)
        assert (cited.text, cited.embedding, cited.term_counts) == ("The late fee is $35.", None, {})

    def test_a_version_that_a_newer_one_overtook_is_never_found(self, hand_in):
        document = hand_in("The late fee is $35.", external_id="fees")
        old = document.versions.get()
        hand_in("The late fee is $40.", external_id="fees")
        version_process(version_id=document.versions.get(number=2).id)
        version_process(version_id=old.id)
        old.refresh_from_db()
        assert (old.state, old.current) == ("ready", False)
        assert [passage.version for passage in knowledge_search(query="late fee")] == [2]
