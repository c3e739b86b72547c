"""The knowledge base over REST: upload, follow, search, delete."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.models import Chunk, Document, DocumentVersion
from knowledge.parsing import MAX_BYTES
from knowledge.services import versions_sweep
from tests.api import ApiClient, problem_of
from tests.knowledge.files import pdf_of

pytestmark = pytest.mark.django_db

DOCUMENTS = "/api/v1/knowledge/documents"
SEARCH = "/api/v1/knowledge/search"
FEES = b"# Late fee\n\nA payment after the due date is charged $35."


class KnowledgeClient(ApiClient):
    def upload(self, data: bytes | None = FEES, name="fees.md", key="", **fields):
        """POST a form; `data` None leaves the file out."""
        form = fields if data is None else {"file": SimpleUploadedFile(name, data), **fields}
        headers = self._headers({"Idempotency_Key": key} if key else {})
        return self._http.post(DOCUMENTS, form, headers=headers)

    def delete(self, path):
        return self._http.delete(path, headers=self._headers({}))


@pytest.fixture
def api(db):
    return KnowledgeClient()


class TestUpload:
    def test_a_file_is_taken_in_and_can_be_followed_until_search_finds_it(self, api):
        answer = api.upload(title="Our fees", external_id="fees")
        accepted = answer.json()
        assert answer.status_code == 202
        assert accepted == {
            "document_id": Document.objects.get().id,
            "document_ids": [Document.objects.get().id],
            "job_url": f"http://testserver{DOCUMENTS}/{Document.objects.get().id}",
        }
        assert (answer["Location"], answer["Retry-After"]) == (accepted["job_url"], "1")
        assert api.get(accepted["job_url"]).json()["state"] == "queued"
        versions_sweep()
        job = api.get(accepted["job_url"]).json()
        assert (job["state"], job["error"], job["title"], job["external_id"]) == ("ready", None, "Our fees", "fees")
        assert [(version["version"], version["current"]) for version in job["versions"]] == [(1, True)]
        [passage] = api.get(SEARCH, q="how much is the late fee?").json()
        assert passage["document_id"] == accepted["document_id"]

    @pytest.mark.parametrize(
        ("name", "data"), [("fees.pdf", pdf_of(("BodyText", "The late fee is $35."))), ("fees.txt", b"It is $35.")]
    )
    def test_formats_are_told_by_content(self, api, name, data):
        job_url = api.upload(data, name=name).json()["job_url"]
        versions_sweep()
        assert api.get(job_url).json()["state"] == "ready"

    def test_the_reason_of_a_failure_is_told(self, api):
        job_url = api.upload(b"%PDF-1.4 broken", name="fees.pdf").json()["job_url"]
        versions_sweep()
        job = api.get(job_url).json()
        assert (job["state"], job["error"]) == (
            "failed",
            "The PDF file is broken. Open it, save it again and upload the copy.",
        )

    def test_the_same_external_id_is_a_new_version_or_nothing(self, api):
        first = api.upload(external_id="fees").json()
        assert api.upload(external_id="fees").json() == first
        assert api.upload(b"It is $40.", external_id="fees").json() == first
        assert sorted(DocumentVersion.objects.values_list("number", flat=True)) == [1, 2]

    def test_without_one_the_file_name_tells_the_document(self, api):
        first = api.upload().json()
        assert api.upload(b"It is $40.").json() == first
        assert api.upload(b"It is $40.", name="other.md").json() != first
        assert api.get(first["job_url"]).json()["external_id"] == "fees.md"
        assert sorted(DocumentVersion.objects.values_list("number", flat=True)) == [1, 1, 2]

    def test_a_file_that_cannot_be_read_is_called_by_its_name(self, api):
        job_url = api.upload(b"%PDF-1.4 broken", name="fees.pdf").json()["job_url"]
        versions_sweep()
        assert api.get(job_url).json()["title"] == "fees.pdf"

    def test_the_same_idempotency_key_makes_one_document(self, api):
        first = api.upload(key="abc")
        again = api.upload(key="abc")
        assert again.json() == first.json()
        assert Document.objects.count() == 1
        assert api.upload(b"another file", key="abc").status_code == 422

    @pytest.mark.parametrize(("field", "audience"), [("true", "internal"), ("false", "customer"), (None, "customer")])
    def test_internal_is_for_consultants(self, api, field, audience):
        api.upload(**({} if field is None else {"internal": field}))
        assert Document.objects.get().audience == audience

    def test_text_in_fields_is_cleaned(self, api):
        api.upload(title="Late\x00 fee\u202e")
        assert DocumentVersion.objects.get().title == "Late fee"

    def test_a_jsonl_file_makes_many_documents_with_one_job(self, api):
        records = [{"id": name, "title": name, "text": f"About {name}.", "internal": name == "b"} for name in "abc"]
        accepted = api.upload("\n".join(map(json.dumps, records)).encode(), name="docs.jsonl").json()
        assert accepted["document_id"] is None
        assert len(accepted["document_ids"]) == 3
        job = api.get(accepted["job_url"]).json()
        assert (job["state"], job["total"], job["unchanged"]) == ("queued", 3, 0)
        versions_sweep()
        job = api.get(accepted["job_url"]).json()
        assert job["state"] == "ready"
        assert [(one["external_id"], one["state"]) for one in job["documents"]] == [(n, "ready") for n in "abc"]

    def test_a_job_fails_when_one_of_its_documents_does(self, api):
        records = [{"id": "a", "title": "A", "text": "Yes."}, {"id": "b", "title": "B", "text": "***"}]
        job_url = api.upload("\n".join(map(json.dumps, records)).encode()).json()["job_url"]
        versions_sweep()
        job = api.get(job_url).json()
        assert job["state"] == "failed"
        assert [one["error"] for one in job["documents"]] == [None, "The file holds no text."]


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "status", "param"),
        [
            ({"data": None}, 400, "file"),
            ({"data": b""}, 400, "file"),
            ({"data": b"\x7fELF\x00\x01", "name": "fees.pdf"}, 400, "file"),
            ({"data": b"MZ\x90", "name": "virus.exe"}, 400, "file"),
            ({"data": b"echo hello", "name": "run.sh"}, 400, "file"),
            ({"data": b"<html><p>Fees", "name": "fees.pdf"}, 400, "file"),
            ({"data": b'{"id": 1, "text": "x"}\n{', "name": "docs.jsonl"}, 400, "file"),
            ({"title": "x" * 301}, 400, "title"),
            ({"external_id": "x" * 201}, 400, "external_id"),
            ({"external_id": "a\x00b"}, 400, "external_id"),
            ({"internal": "perhaps"}, 400, "internal"),
            ({"data": b"x" * (MAX_BYTES + 100)}, 413, "file"),
            ({"data": b"x" * (MAX_BYTES + 100_000)}, 413, "file"),
        ],
    )
    def test_a_wrong_form_is_refused_with_the_field_and_nothing_is_stored(self, api, options, status, param):
        problem = problem_of(api.upload(**options))
        assert (problem["status"], problem["param"]) == (status, param)
        assert not Document.objects.exists()

    def test_another_body_than_a_form_is_refused(self, api):
        assert problem_of(api.post(DOCUMENTS, {"file": "x"}))["status"] == 415
        broken = api._http.post(DOCUMENTS, b"--x", content_type="multipart/form-data", headers=api._headers({}))
        assert problem_of(broken)["status"] == 400

    def test_scopes_are_needed(self, db):
        reader, writer = KnowledgeClient(["knowledge:read"]), KnowledgeClient(["knowledge:write"])
        assert problem_of(reader.upload())["code"] == "insufficient_scope"
        job_url = writer.upload().json()["job_url"]
        assert problem_of(reader.delete(job_url))["status"] == 403
        assert problem_of(writer.get(SEARCH, q="x"))["status"] == 403
        assert reader.get(job_url).status_code == 200
        reader.token = "wrong"
        assert problem_of(reader.get(job_url))["status"] == 401

    @pytest.mark.parametrize("identifier", ["doc_01k8z3c9v7e2m4n6p8r0t2w4y6", "nonsense", "%00", "doc_%F0%9F"])
    def test_an_unknown_document_is_not_found(self, api, identifier):
        assert problem_of(api.get(f"{DOCUMENTS}/{identifier}"))["status"] == 404
        assert problem_of(api.delete(f"{DOCUMENTS}/{identifier}"))["status"] == 404
        assert problem_of(api.get(f"/api/v1/knowledge/uploads/{identifier}"))["status"] == 404


class TestSearch:
    def test_passages_come_best_first_with_all_a_citation_needs(self, api, know):
        know("It is $35.", title="Late fee", external_id="fees")
        know("Nine to five.", title="Opening hours", external_id="hours")
        passages = api.get(SEARCH, q="late fee", k=2, min_relevance=0).json()
        assert [passage["external_id"] for passage in passages] == ["fees", "hours"]
        assert set(passages[0]) == {
            *("document_id", "external_id", "title", "version", "version_id", "chunk_id", "heading", "text"),
            *("score", "relevance", "internal"),
        }

    def test_k_limits_and_audience_opens(self, api, know):
        for number in range(8):
            know(f"The late fee is ${number}.", internal=True)
        assert api.get(SEARCH, q="late fee").json() == []
        assert len(api.get(SEARCH, q="late fee", audience="internal").json()) == 5
        assert len(api.get(SEARCH, q="late fee", audience="internal", k=7).json()) == 7

    def test_what_is_not_about_the_question_is_left_out_unless_asked_for(self, api, know):
        know("Nine to five.", title="Opening hours")
        assert api.get(SEARCH, q="capital of france").json() == []
        [passage] = api.get(SEARCH, q="capital of france", min_relevance=0).json()
        assert passage["relevance"] < 0.4
        assert api.get(SEARCH, q="opening hours", min_relevance=1).json() == []

    @pytest.mark.parametrize(
        ("query", "param"),
        [
            ({"q": "x", "min_relevance": 2}, "min_relevance"),
            ({"q": "x", "min_relevance": "nan"}, "min_relevance"),
            ({}, "q"),
            ({"q": "  "}, "q"),
            ({"q": "\x00"}, "q"),
            ({"q": "x" * 2001}, "q"),
            ({"q": "x", "k": 0}, "k"),
            ({"q": "x", "k": "many"}, "k"),
            ({"q": "x", "k": 51}, "k"),
            ({"q": "x", "audience": "everybody"}, "audience"),
        ],
    )
    def test_a_wrong_query_is_refused_with_its_parameter(self, api, query, param):
        problem = problem_of(api.get(SEARCH, **query))
        assert (problem["status"], problem["param"]) == (400, param)

    def test_nul_in_a_question_is_cleaned(self, api, know):
        know("It is $35.", title="Late fee")
        assert len(api.get(SEARCH, q="late\x00 fee").json()) == 1


def test_a_deleted_document_is_gone(api, know):
    document = know("It is $35.")
    assert api.delete(f"{DOCUMENTS}/{document.id}").status_code == 204
    assert api.get(SEARCH, q="fee").json() == []
    assert not Chunk.objects.exists()
    assert problem_of(api.get(f"{DOCUMENTS}/{document.id}"))["status"] == 404
