"""What the judge says stands beside the reply, and consultants overrule it."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from conversations.models import Conversation
from feedback.judging.services import reply_judge, run_judge
from feedback.models import Judgement, Overruling
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.feedback.judged import answered, run_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


@pytest.fixture
def judgement():
    return reply_judge(message_id=answered(text="Room delivery costs $39 [1].").reply_id)


def address(judgement: Judgement) -> str:
    return reverse("admin:feedback_judgement_change", args=[judgement.pk])


def overrule(client, judgement, **said):
    values = {"aspect": "accuracy", "value": "0.75", "reason": "The price was changed today.", **said}
    return client.post(address(judgement), values, follow=True)


class TestBesideTheReply:
    def test_a_conversation_shows_verdict_and_reasons_at_the_reply(self, client, robin, judgement):
        conversation = Conversation.objects.get()
        page = reverse("admin:conversations_conversation_change", args=[conversation.pk])
        shown = client.get(page).content.decode()
        assert "Judge:" in shown
        assert "No source has 39" in shown
        assert address(judgement) in shown
        assert judgement.judge_version in shown

    def test_an_escalation_shows_what_the_judge_says_of_the_suggestion(self, client, robin):
        escalation = escalation_make()
        run = run_make("You can choose a new date in your account.", decision="escalate")
        query = escalation.query
        query.run = run
        query.save()
        judgement = run_judge(run_id=run.pk)
        shown = client.get(reverse("admin:conversations_escalation_change", args=[escalation.pk])).content.decode()
        assert judgement.kind == "draft"
        assert address(judgement) in shown

    def test_a_run_shows_it_too(self, client, judgement):
        client.force_login(admin_make())
        shown = client.get(reverse("admin:agents_run_change", args=[judgement.run_id])).content.decode()
        assert "No source has 39" in shown

    def test_where_the_judge_is_weak_or_unmeasured_the_page_says_so(self, client, robin, judgement):
        shown = client.get(address(judgement)).content.decode()
        assert "Nobody has measured how far this version of the judge agrees with people on safety." in shown

    def test_what_is_not_judged_yet_or_never_says_so(self, client, robin, judgement):
        scores = {"relevance": None, "accuracy": None, "safety": None, "verdict": ""}
        Judgement.objects.update(state="failed", error_code="output_invalid", claims=[], **scores)
        shown = client.get(address(judgement)).content.decode()
        assert "The judge gave no usable answer (output_invalid" in shown
        assert "Overrule the judge" not in shown

    def test_who_may_not_see_judgements_sees_none(self, client, judgement):
        viewer = consultant_make("vera")
        viewer.groups.clear()
        viewer.user_permissions.add(Permission.objects.get(codename="view_conversation"))
        client.force_login(viewer)
        page = reverse("admin:conversations_conversation_change", args=[Conversation.objects.get().pk])
        assert "Judge:" not in client.get(page).content.decode()
        assert client.get(address(judgement)).status_code == 403
        assert client.post(address(judgement), {}).status_code == 403


class TestWordsOfCustomers:
    WORDS = ("What does room delivery cost?", "Room delivery costs $39", "No source has 39", "The price was changed")

    def shown(self, client, judgement, *rights) -> list[str]:
        viewer = consultant_make("vera")
        viewer.groups.clear()
        viewer.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(viewer)
        page = client.get(address(judgement)).content.decode()
        assert "Accuracy 0.75" in page, "scores are for everybody who may see judgements"
        return [words for words in self.WORDS if words in page]

    def test_who_may_read_no_conversation_sees_scores_and_none_of_the_words(self, client, robin, judgement):
        overrule(client, judgement)
        assert self.shown(client, judgement, "view_judgement") == []

    def test_who_may_read_conversations_sees_both(self, client, robin, judgement):
        overrule(client, judgement)
        assert self.shown(client, judgement, "view_judgement", "view_conversation") == list(self.WORDS)


class TestOverruling:
    def test_a_consultant_overrules_and_both_are_kept(self, client, robin, judgement):
        shown = overrule(client, judgement).content.decode()
        assert "Your word holds from now on" in shown
        assert "The price was changed today." in shown
        assert "Robin Hale" in shown
        assert "No source has 39" in shown, "what the judge said is still there"
        said = Overruling.objects.get()
        assert (said.value, said.label, said.by, said.before) == (0.75, "good", robin, judgement.accuracy)
        assert AuditEvent.objects.filter(action="judgement.overruled", actor=f"user:{robin.pk}").count() == 1
        assert Judgement.objects.get().accuracy_label == "bad"

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ({"reason": " "}, "Say in a few words why the judge is wrong."),
            ({"value": ""}, "Choose what the score should be."),
            ({"value": "7"}, "not one of the available choices"),
            ({"aspect": "style"}, "not one of the available choices"),
        ],
    )
    def test_what_is_missing_is_told_and_nothing_is_lost(self, client, robin, judgement, said, told):
        response = overrule(client, judgement, **said)
        assert response.status_code == 400
        assert told in response.content.decode()
        assert said.get("reason", "The price was changed today.").strip() in response.content.decode()
        assert not Overruling.objects.exists()

    def test_who_may_only_read_cannot(self, client, judgement):
        viewer = consultant_make("vera")
        viewer.groups.clear()
        viewer.user_permissions.add(Permission.objects.get(codename="view_judgement"))
        client.force_login(viewer)
        assert "Overrule the judge" not in client.get(address(judgement)).content.decode()
        assert overrule(client, judgement).status_code == 403
        assert not Overruling.objects.exists()


class TestList:
    def test_judgements_are_found_by_verdict_and_by_what_people_said(self, client, robin, judgement):
        good = reply_judge(message_id=answered().reply_id)
        overrule(client, judgement)
        page = reverse("admin:feedback_judgement_changelist")

        def shown(**chosen) -> set[str]:
            text = client.get(page, chosen).content.decode()
            return {one.run_id for one in (judgement, good) if one.run_id in text}

        assert shown() == {judgement.run_id, good.run_id}
        assert shown(verdict__exact="bad") == {judgement.run_id}
        assert shown(overruled="yes") == {judgement.run_id}
        assert shown(overruled="no") == {good.run_id}
        assert shown(q=good.run_id) == {good.run_id}

    def test_nobody_edits_or_deletes_one(self, client, judgement):
        client.force_login(admin_make())
        assert client.get(reverse("admin:feedback_judgement_add")).status_code == 403
        assert client.get(reverse("admin:feedback_judgement_delete", args=[judgement.pk])).status_code == 403
