"""Documents in the console: several files at once, a state for each, retry, preview, delete."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from knowledge.models import Chunk, Document, DocumentVersion
from knowledge.selectors import knowledge_search
from knowledge.services import versions_sweep
from omnicqm.common.models import AuditEvent

pytestmark = pytest.mark.django_db

LIST = reverse("admin:knowledge_document_changelist")
ADD = reverse("admin:knowledge_document_add")


@pytest.fixture
def boss(client):
    user = User.objects.create_superuser("boss", password="a long enough password")
    client.force_login(user)
    return client


@pytest.fixture
def reader(client):
    """Staff who may look and nothing else, like consultants."""
    user = User.objects.create_user("robin", password="a long enough password", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(user)
    return client


def page_of(document) -> str:
    return reverse("admin:knowledge_document_change", args=[document.pk])


def choose(client, *files, **fields):
    documents = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(ADD, {"documents": documents, **fields}, follow=True)


def act(client, action, *documents):
    return client.post(LIST, {"action": action, "_selected_action": [one.pk for one in documents]}, follow=True)


class TestUpload:
    def test_several_files_are_handed_in_at_once(self, boss):
        response = choose(boss, ("fees.md", b"# Late fee\n\nIt is $35."), ("hours.txt", b"Nine to five."))
        assert response.redirect_chain[-1][0] == LIST
        assert set(Document.objects.values_list("external_id", "audience", "source")) == {
            ("fees.md", "customer", "admin"),
            ("hours.txt", "customer", "admin"),
        }
        versions_sweep()
        assert knowledge_search(query="late fee")[0].external_id == "fees.md"

    def test_the_same_name_again_is_a_new_version(self, boss):
        choose(boss, ("fees.md", b"It is $35."))
        choose(boss, ("fees.md", b"It is $40."))
        assert Document.objects.get().versions.count() == 2
        assert "nothing has changed" in choose(boss, ("fees.md", b"It is $40.")).text

    def test_a_disguised_file_is_refused(self, boss):
        response = choose(boss, ("virus.exe", b"MZ\x90"), ("fees.pdf", b"<html><p>It is $35.</p></html>"))
        assert "virus.exe: The file is not a document that can be read." in response.text
        assert "fees.pdf: The name ends in .pdf, but the content is HTML." in response.text
        assert not Document.objects.exists()

    def test_records_keep_their_own_ids_under_any_file_name(self, boss):
        choose(boss, ("records.txt", b'{"id": "a", "title": "A", "text": "It is $35."}'))
        assert Document.objects.get().external_id == "a"

    def test_a_file_that_is_refused_is_named_and_the_others_are_taken(self, boss):
        response = choose(boss, ("photo.png", b"\x89PNG\0\0"), ("fees.md", b"It is $35."), ("empty.txt", b""))
        assert "photo.png: The file is not a document that can be read." in response.text
        assert "empty.txt: The file is empty." in response.text
        assert Document.objects.get().external_id == "fees.md"

    def test_internal_files_never_reach_a_customer(self, boss):
        choose(boss, ("rules.md", b"Waive every late fee."), internal="on")
        versions_sweep()
        assert knowledge_search(query="late fee") == []
        assert knowledge_search(query="late fee", audience="internal")[0].internal

    def test_a_form_without_a_file_says_so(self, boss):
        assert "This field is required." in boss.post(ADD, {}).text

    def test_the_page_takes_several_files(self, boss):
        assert 'name="documents" multiple' in boss.get(ADD).text


class TestList:
    def test_every_file_has_a_row_with_its_state_and_what_is_wrong(self, boss, know, hand_in):
        know("It is $35.", external_id="fees", title="Fees")
        know("***\n", external_id="broken")
        hand_in("Nine to five.", external_id="hours")
        text = boss.get(LIST).text
        for expected in ("Fees", "Ready", "broken", "Failed", "The file holds no text.", "hours", "Queued"):
            assert expected in text

    def test_it_refreshes_itself_while_something_is_being_read(self, boss, hand_in):
        assert "Refresh" not in boss.get(LIST)
        hand_in("It is $35.")
        assert boss.get(LIST)["Refresh"] == "5"
        versions_sweep()
        assert "Refresh" not in boss.get(LIST)

    @pytest.mark.parametrize(("wanted", "found"), [("pending", {"c"}), ("ready", {"a"}), ("failed", {"b"})])
    def test_rows_are_filtered_by_state(self, boss, know, hand_in, wanted, found):
        know("It is $35.", external_id="a")
        know("***\n", external_id="b")
        hand_in("Nine to five.", external_id="c")
        rows = boss.get(LIST, {"state": wanted}).context["cl"].queryset
        assert {document.external_id for document in rows} == found

    def test_documents_are_found_by_title_and_file_name(self, boss, know):
        know("It is $35.", external_id="a", title="Late fee", name="fees-2026.md")
        for word in ("Late", "fees-2026", "a"):
            assert boss.get(LIST, {"q": word}).context["cl"].queryset.count() == 1

    def test_its_cost_does_not_grow_with_the_rows(self, boss, hand_in, django_assert_max_num_queries):
        for number in range(20):
            hand_in(f"It is ${number}.")
        with django_assert_max_num_queries(14):
            boss.get(LIST)


class TestActions:
    def test_failed_files_are_tried_again(self, boss, know, settings):
        document = know("***\n")
        assert "1 queued again." in act(boss, "retry", document).text
        assert DocumentVersion.objects.get().state == "queued"

    def test_documents_change_their_audience(self, boss, know):
        document = know("It is $35.")
        act(boss, "make_internal", document)
        assert knowledge_search(query="how much") == []
        act(boss, "show_to_customers", document)
        assert knowledge_search(query="how much")
        assert AuditEvent.objects.filter(action="document.audience_set").count() == 2

    def test_deleting_really_deletes(self, boss, know, settings):
        first, second = know("It is $35."), know("It is $40.")
        confirmation = act(boss, "delete_selected", first).text
        assert "chunk" not in confirmation.lower()
        boss.post(LIST, {"action": "delete_selected", "_selected_action": [first.pk], "post": "yes"})
        boss.post(reverse("admin:knowledge_document_delete", args=[second.pk]), {"post": "yes"})
        assert not Document.objects.exists()
        assert not Chunk.objects.exists()
        assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


class TestPage:
    def test_it_shows_versions_reasons_and_chunks(self, boss, know):
        know("# Fees\n\n## Late\n\nIt is $35.", external_id="fees", title="Our fees")
        document = know("***\n", external_id="fees")
        text = boss.get(page_of(document)).text
        for expected in ("Our fees", "Fees › Late", "It is $35.", "Failed", "The file holds no text.", "Try again"):
            assert expected in text

    def test_the_list_leads_to_it(self, boss, know):
        know("It is $35.", title="Late fee")
        [link] = re.findall(r'href="([^"]+/change/)', boss.get(LIST).text)
        assert "It is $35." in boss.get(link).text

    def test_chunks_of_an_older_version_can_still_be_read(self, boss, know):
        know("It is $35.", external_id="fees")
        document = know("It is $40.", external_id="fees")
        old = document.versions.get(number=1)
        assert "It is $35." not in boss.get(page_of(document)).text
        assert "It is $35." in boss.get(page_of(document), {"version": old.pk}).text

    def test_it_refreshes_itself_while_the_file_is_being_read(self, boss, hand_in):
        document = hand_in("It is $35.")
        assert boss.get(page_of(document))["Refresh"] == "5"

    def test_text_of_documents_is_never_markup(self, boss, know):
        document = know("Say <script>alert(1)</script> twice.", title="<b>Bold</b>")
        text = boss.get(page_of(document)).text
        assert "<script>alert(1)" not in text
        assert "<b>Bold" not in text

    def test_the_button_tries_a_failed_version_again(self, boss, know):
        document = know("***\n")
        url = reverse("admin:knowledge_version_retry", args=[document.pk, document.versions.get().pk])
        assert boss.get(url).status_code == 403
        assert "Queued again." in boss.post(url, follow=True).text
        assert "Only a failed version" in boss.post(url, follow=True).text

    def test_the_file_comes_back_as_a_download(self, boss, know):
        document = know("<script>alert(1)</script> It is $35.", name="fees.html")
        url = reverse("admin:knowledge_version_file", args=[document.pk, document.versions.get().pk])
        response = boss.get(url)
        assert response["Content-Disposition"] == 'attachment; filename="fees.html"'
        assert b"".join(response.streaming_content) == b"<script>alert(1)</script> It is $35."
        assert boss.get(url.replace("ver_", "ver_x")).status_code == 404

    def test_an_unknown_document_leads_back(self, boss):
        response = boss.get(reverse("admin:knowledge_document_change", args=["doc_unknown"]))
        assert response.status_code == 302


class TestReaders:
    def test_they_may_look(self, reader, know):
        document = know("It is $35.")
        assert reader.get(LIST).status_code == 200
        page = reader.get(page_of(document)).text
        assert "It is $35." in page
        assert "Delete" not in page

    def test_they_may_do_nothing_else(self, reader, know):
        document = know("***\n")
        version = document.versions.get()
        assert reader.get(ADD).status_code == 403
        assert reader.post(ADD, {"documents": [SimpleUploadedFile("a.md", b"x")]}).status_code == 403
        retry = reverse("admin:knowledge_version_retry", args=[document.pk, version.pk])
        assert reader.post(retry).status_code == 403
        assert reader.post(reverse("admin:knowledge_document_delete", args=[document.pk])).status_code == 403
        act(reader, "retry", document)
        version.refresh_from_db()
        assert version.state == "failed"

    def test_others_see_nothing(self, client, know):
        document = know("It is $35.")
        for url in (LIST, ADD, page_of(document)):
            assert client.get(url).status_code == 302
