"""Corrections, gaps and proposals in the console, and who may do what with them."""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from feedback.learning.articles import article_compare
from feedback.learning.corrections import correction_note
from feedback.learning.gaps import gap_note, gaps_recheck
from feedback.models import ArticleProposal, Correction
from knowledge.models import Document
from knowledge.services import versions_sweep
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make
from tests.feedback.learning.people import DRAFT, answer, answered, case_make
from tests.feedback.learning.test_articles import ANSWER, QUESTION, UNKNOWN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


@pytest.fixture
def robin(client):
    user = consultant_make("rob")
    client.force_login(user)
    return user


@pytest.fixture
def correction() -> Correction:
    return correction_note(message_id=answered(DRAFT.replace("five years", "ten years")).pk)


def make_article(client, source):
    return client.post(reverse("learning:article_from", args=[source]), follow=True)


def press(client, proposal, do, **fields):
    told = {name: getattr(proposal, name) for name in ("title", "question", "answer", "audience")}
    told["answer"] = told["answer"].replace("[name]", "you").replace("[telephone number]", "the shop")
    address = reverse("admin:feedback_articleproposal_change", args=[proposal.pk])
    return client.post(address, {**told, "do": do, **fields}, follow=True)


class TestCorrections:
    def test_the_list_is_filtered_and_leads_to_the_difference(self, client, robin, correction):
        page = reverse("admin:feedback_correction_changelist")
        assert "Edited" in client.get(page, {"kind__exact": "edited"}).content.decode()
        assert correction.pk not in client.get(page, {"kind__exact": "as_is"}).content.decode()
        shown = client.get(reverse("admin:feedback_correction_change", args=[correction.pk])).content.decode()
        assert "<del>five </del><ins>ten </ins>" in shown
        assert "Edited 6 %" in shown
        assert "Robin Hale" in shown
        assert "Make this an article" in shown

    def test_texts_of_customers_are_shown_as_text(self, client, robin):
        correction = correction_note(message_id=answered("<script>alert(1)</script> Ten years.").pk)
        shown = client.get(reverse("admin:feedback_correction_change", args=[correction.pk])).content.decode()
        assert "<script>alert(1)" not in shown

    def test_nobody_edits_or_deletes_one(self, client, boss, correction):
        assert client.get(reverse("admin:feedback_correction_add")).status_code == 403
        assert client.get(reverse("admin:feedback_correction_delete", args=[correction.pk])).status_code == 403


class TestExport:
    def test_it_is_a_zip_of_examples_and_a_manifest(self, client, boss, correction):
        address = reverse("learning:export")
        assert "Examples for models" in client.get(address).content.decode()
        chosen = {"format": "nova", "least_edited": 5, "as_is": "on", "edited": "on", "rejected": "on"}
        response = client.post(address, chosen)
        packed = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
        [line] = packed.read("corrections.jsonl").decode().splitlines()
        assert json.loads(line)["schemaVersion"] == "bedrock-conversation-2024"
        assert json.loads(packed.read("manifest.json"))["written"] == 1
        assert AuditEvent.objects.filter(action="corrections.exported", actor=f"user:{boss.pk}").count() == 1

    def test_what_cannot_be_is_told(self, client, boss):
        response = client.post(reverse("learning:export"), {"format": "nova", "least_edited": 200})
        assert response.status_code == 400
        assert "less than or equal to 100" in response.content.decode()

    def test_it_needs_a_permission_of_its_own(self, client, robin, correction):
        assert client.get(reverse("learning:export")).status_code == 403
        shown = client.get(reverse("admin:feedback_correction_changelist")).content.decode()
        assert "Examples for models" not in shown


class TestArticles:
    @pytest.fixture
    def case(self):
        return case_make(QUESTION, "", factors=UNKNOWN)

    def test_an_answer_becomes_an_article_that_closes_its_gap(self, client, boss, case):
        gap = gap_note(query_id=case.query_id)
        message = answer(case, ANSWER)
        listed = client.get(reverse("admin:feedback_knowledgegap_changelist")).content.decode()
        assert "1 ×" in listed
        assert (
            "Make this an article"
            in client.get(reverse("admin:feedback_knowledgegap_change", args=[gap.pk])).content.decode()
        )
        shown = make_article(client, message.pk).content.decode()
        assert "2 pieces of personal data taken out" in shown
        proposal = ArticleProposal.objects.get()
        article_compare(proposal_id=proposal.pk)
        approved = press(client, proposal, "approve").content.decode()
        assert "A worker reads it" in approved
        versions_sweep()
        gaps_recheck()
        page = client.get(reverse("admin:feedback_articleproposal_change", args=[proposal.pk])).content.decode()
        assert "It closed 1 gap" in page
        gap_page = client.get(reverse("admin:feedback_knowledgegap_change", args=[gap.pk])).content.decode()
        assert "Closed" in gap_page
        assert proposal.title in gap_page.replace("&#x27;", "'")

    def test_a_link_asks_first_and_a_case_will_do(self, client, robin, case):
        address = reverse("learning:article_from", args=[case.pk])
        assert "Nobody has replied" in make_article(client, case.pk).content.decode()
        answer(case, ANSWER)
        assert "Propose it" in client.get(address).content.decode()
        assert not ArticleProposal.objects.exists(), "looking makes nothing"
        make_article(client, case.pk)
        proposal = ArticleProposal.objects.get()
        assert client.get(address).url == reverse("admin:feedback_articleproposal_change", args=[proposal.pk])

    def test_consultants_propose_and_editors_decide(self, client, robin, case):
        shown = make_article(client, answer(case, ANSWER).pk).content.decode()
        assert "Somebody who may change articles decides" in shown
        proposal = ArticleProposal.objects.get()
        assert press(client, proposal, "approve").status_code == 403
        robin.user_permissions.add(Permission.objects.get(codename="change_articleproposal"))
        assert press(client, proposal, "approve").status_code == 200
        assert Document.objects.count() == 1

    def test_a_mistake_is_named_and_nothing_is_lost(self, client, boss, case):
        make_article(client, answer(case, ANSWER).pk)
        proposal = ArticleProposal.objects.get()
        response = press(client, proposal, "approve", answer="Write to dogs@example.org.")
        assert response.status_code == 400
        shown = response.content.decode()
        assert "looks personal" in shown
        assert "Write to dogs@example.org." in shown
        assert "the company&#x27;s own" in shown or "the company's own" in shown
        assert press(client, proposal, "reject", reason="").status_code == 400
        assert press(client, proposal, "dance").status_code == 400
        assert press(client, proposal, "reject", reason="Only this bed.").status_code == 200
        assert press(client, proposal, "approve").status_code == 409

    def test_who_may_see_nothing_sees_nothing(self, client, case, correction):
        viewer = consultant_make("vera")
        viewer.groups.clear()
        client.force_login(viewer)
        for name in ("correction", "knowledgegap", "articleproposal"):
            assert client.get(reverse(f"admin:feedback_{name}_changelist")).status_code == 403
        assert client.get(reverse("admin:feedback_correction_change", args=[correction.pk])).status_code == 403
        assert client.post(reverse("learning:article_from", args=[answer(case, ANSWER).pk])).status_code == 403


def test_the_pages_need_few_queries(client, boss, correction, django_assert_max_num_queries):
    for number in range(6):
        case = case_make(f"Can my dog's bed be washed in machine {number}?", "", factors=UNKNOWN)
        gap = gap_note(query_id=case.query_id)
        make_article(client, answer(case, ANSWER).pk)
    proposal = ArticleProposal.objects.first()
    addresses = [
        *(reverse(f"admin:feedback_{name}_changelist") for name in ("correction", "knowledgegap", "articleproposal")),
        reverse("admin:feedback_correction_change", args=[correction.pk]),
        reverse("admin:feedback_knowledgegap_change", args=[gap.pk]),
        reverse("admin:feedback_articleproposal_change", args=[proposal.pk]),
    ]
    for address in addresses:
        with django_assert_max_num_queries(25):
            assert client.get(address).status_code == 200, address
