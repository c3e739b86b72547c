"""``manage.py knowledge_ingest``: folders in, progress out, exit code 1 with the reasons."""

import json

import pytest
from django.core.management import CommandError, call_command

from knowledge.management.commands import knowledge_ingest
from knowledge.models import Document, DocumentVersion
from knowledge.selectors import knowledge_search
from knowledge.services import versions_sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr(knowledge_ingest, "PING_SECONDS", 0.05)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "articles of ours"
    (folder / "cards").mkdir(parents=True)
    (folder / "cards" / "fees.md").write_text("# Late fee\n\nIt is $35.")
    (folder / "hours.txt").write_text("Branches are open from nine to five.")
    (folder / ".hidden").write_text("not this one")
    return folder


def ingest(*paths, **options) -> None:
    call_command("knowledge_ingest", *map(str, paths), **options)


def test_a_folder_is_read_with_all_below_it(folder, capsys):
    ingest(folder)
    assert set(Document.objects.values_list("external_id", "title")) == {
        ("cards/fees.md", "Late fee"),
        ("hours.txt", "hours"),
    }
    assert knowledge_search(query="late fee")[0].external_id == "cards/fees.md"
    output = capsys.readouterr().out
    assert "No worker answers: processing here." in output
    assert "ready 2/2" in output
    assert "All ready." in output


def test_read_again_only_changed_files_make_a_new_version(folder, capsys):
    ingest(folder)
    (folder / "hours.txt").write_text("Branches are open from eight to six.")
    ingest(folder)
    assert set(DocumentVersion.objects.values_list("document__external_id", "number", "current")) == {
        ("cards/fees.md", 1, True),
        ("hours.txt", 1, False),
        ("hours.txt", 2, True),
    }
    assert "unchanged  cards/fees.md (1 of 1)" in capsys.readouterr().out


def test_what_was_handed_in_before_and_never_got_ready_is_waited_for(folder, hand_in, capsys):
    hand_in((folder / "hours.txt").read_text(), external_id="hours.txt")
    ingest(folder / "hours.txt")
    assert DocumentVersion.objects.get().state == "ready"
    assert "ready 1/1" in capsys.readouterr().out


def test_records_of_a_jsonl_file_keep_their_ids_and_audience(tmp_path):
    file = tmp_path / "docs.jsonl"
    records = [{"id": "a", "title": "A", "text": "Yes."}, {"id": "b", "title": "B", "text": "No.", "internal": True}]
    file.write_text("\n".join(map(json.dumps, records)))
    ingest(file)
    assert set(Document.objects.values_list("external_id", "audience")) == {("a", "customer"), ("b", "internal")}


@pytest.mark.parametrize("option", [{"internal": True}, {"audience": "internal"}])
def test_internal_is_for_consultants(folder, option):
    ingest(folder, **option)
    assert set(Document.objects.values_list("audience", flat=True)) == {"internal"}


def test_failures_are_named_and_the_others_get_ready(folder, capsys):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\0\0")
    with pytest.raises(CommandError, match="2 of them failed"):
        ingest(folder)
    errors = capsys.readouterr().err
    assert "failed  broken.pdf: The PDF file is broken." in errors
    assert "failed  photo.jpg: The file is not a document" in errors
    assert DocumentVersion.objects.filter(state="ready").count() == 2


def test_a_running_worker_does_the_work(folder, monkeypatch, capsys):
    monkeypatch.setattr(knowledge_ingest, "_worker_answers", lambda: True)
    monkeypatch.setattr(knowledge_ingest, "versions_sweep", pytest.fail)
    monkeypatch.setattr(knowledge_ingest.time, "sleep", lambda seconds: versions_sweep())
    ingest(folder)
    assert "No worker" not in capsys.readouterr().out


def test_a_path_without_anything_is_named(tmp_path):
    with pytest.raises(CommandError, match="There is nothing at"):
        ingest(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="no file"):
        ingest(tmp_path)
