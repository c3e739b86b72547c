"""Every reply is judged once, after it was sent; what fails is tried again, and people have the last word."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from agents.errors import ModelThrottled, OutputInvalid
from agents.judging import Marks, judge_get
from agents.judging.base import Judge
from agents.services import run_execute
from agents.types import RunRequest
from conversations.erasure.services import customer_erase
from conversations.models import Query
from feedback.errors import NothingToOverrule
from feedback.judging.agreement import agreement_keep, trust_in
from feedback.judging.overruling import judgement_overrule
from feedback.judging.selectors import aspects_of, judgements_of, verdict_of
from feedback.judging.services import judgements_sweep, reply_judge, run_judge
from feedback.models import Judgement, Overruling
from knowledge.services import upload_create, versions_sweep
from omnicqm.common.errors import InvalidInput
from omnicqm.common.events import event_publish
from omnicqm.common.models import Attempt, AuditEvent
from tests.feedback.judged import REPLY, answered, escalated

pytestmark = pytest.mark.django_db


class FailingJudge(Judge):
    """Raises `error` and counts how often it was asked."""

    name, version, digest = "model", "model-test", "0" * 64
    error: Exception = OutputInvalid("It is not one JSON object.")
    asked = 0

    def judge(self, case, *, deadline) -> Marks:
        FailingJudge.asked += 1
        raise FailingJudge.error


@pytest.fixture
def failing(settings):
    settings.JUDGES = {**settings.JUDGES, "model": {"BACKEND": "tests.feedback.test_judging.FailingJudge"}}
    settings.JUDGE = "model"
    FailingJudge.asked, FailingJudge.error = 0, OutputInvalid("It is not one JSON object.")
    return FailingJudge


def waited(judgement: Judgement) -> None:
    """As much time passes as a retry waits."""
    Judgement.objects.filter(pk=judgement.pk).update(due_at=timezone.now() - timedelta(seconds=1))


class TestEveryReply:
    def test_a_reply_is_judged_with_its_claims(self):
        query = answered()
        judgement = reply_judge(message_id=query.reply_id)
        assert (judgement.state, judgement.kind, judgement.verdict) == ("judged", "reply", "good")
        assert (judgement.claims_supported, judgement.claims_unsupported) == (1, 0)
        assert judgement.claims == [{"text": "Room delivery costs $59.", "supported": True, "sources": [1]}]
        assert (judgement.judge, judgement.judge_version) == ("embedded", judge_get("embedded").version)
        assert judgement.cost_usd == 0
        assert judgement.judged_at

    def test_a_wrong_figure_is_seen(self):
        judgement = reply_judge(message_id=answered(text="Room delivery costs $39 [1].").reply_id)
        assert (judgement.verdict, judgement.accuracy_label) == ("bad", "bad")

    def test_so_are_suggestions_and_questions_back(self):
        assert reply_judge(query_id=escalated().pk).kind == "draft"
        asked = answered(text="Which delivery do you mean?", decision="clarify", sources=[])
        assert reply_judge(message_id=asked.reply_id).kind == "question"

    def test_it_follows_on_the_reply_by_itself(self, after_replies, django_capture_on_commit_callbacks):
        query = answered()
        with django_capture_on_commit_callbacks(execute=True):
            event_publish("reply.sent", message_id=query.reply_id)
        assert Judgement.objects.get().run == query.run

    def test_twice_is_once(self):
        query = answered()
        assert reply_judge(message_id=query.reply_id) is not None
        assert reply_judge(message_id=query.reply_id) is None
        assert run_judge(run_id=query.run_id) is None
        assert Judgement.objects.count() == 1
        with pytest.raises(IntegrityError):
            Judgement.objects.create(run=query.run, judge_version=judge_get("embedded").version)

    def test_what_consultants_wrote_and_what_went_nowhere_is_not_judged(self):
        assert reply_judge(message_id="msg_x") is None
        query = escalated(text="")
        assert reply_judge(query_id=query.pk) is None
        stopped = escalated()
        Query.objects.filter(pk=stopped.pk).update(status=Query.Status.IGNORED)
        assert reply_judge(query_id=stopped.pk) is None
        assert not Judgement.objects.exists()

    def test_the_text_of_the_knowledge_base_counts_not_only_the_quote(self, know):
        know("# Room delivery\n\nRoom delivery costs $59. It takes 5 to 10 working days.")
        result = run_execute(RunRequest(scope="channel:test", subject="", message="What does room delivery cost?"))
        query = answered(text=result.reply_text, sources=[source_row(source) for source in result.sources])
        assert reply_judge(message_id=query.reply_id).accuracy_label == "good"


def source_row(source) -> dict:
    return {**vars(source), "quote": "cut"}


@pytest.fixture
def know(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def know(text: str) -> None:
        upload_create(data=text.encode(), name="room.md", source="test", actor="system:test")
        versions_sweep()

    return know


class TestSweep:
    def test_it_finds_replies_without_a_judgement_the_newest_first(self, monkeypatch):
        old, new = answered(), answered()
        Query.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(hours=2))
        Query.objects.filter(pk=new.pk).update(finished_at=timezone.now() - timedelta(hours=1))
        monkeypatch.setattr("feedback.judging.services.SWEEP_MOST", 1)
        assert judgements_sweep() == 1
        assert Judgement.objects.get().run == new.run
        assert judgements_sweep() == 1
        assert judgements_sweep() == 0
        assert Judgement.objects.count() == 2

    def test_it_leaves_alone_what_is_under_way_and_what_is_history(self):
        answered()
        long_ago = answered()
        Query.objects.filter(pk=long_ago.pk).update(finished_at=timezone.now() - timedelta(days=30))
        assert judgements_sweep() == 0

    def test_a_worker_that_died_is_followed_by_another_once_its_lease_is_over(self):
        query = answered()
        judge = judge_get("embedded")
        died = Judgement.objects.create(
            run=query.run, judge="embedded", judge_version=judge.version, judge_hash=judge.digest, tries=1
        )
        Judgement.objects.filter(pk=died.pk).update(due_at=timezone.now() + timedelta(minutes=3))
        assert run_judge(run_id=query.run_id) is None, "somebody else has it"
        waited(died)
        assert judgements_sweep() == 1
        died.refresh_from_db()
        assert (died.state, died.tries) == ("judged", 2)

    def test_what_waits_for_an_earlier_version_is_given_up(self):
        query = answered()
        before = Judgement.objects.create(run=query.run, judge="model", judge_version="model-0", judge_hash="0")
        judgements_sweep()
        before.refresh_from_db()
        assert (before.state, before.error_code) == ("failed", "given_up")
        assert Judgement.objects.filter(state="judged").count() == 1


class TestFailures:
    def test_an_unusable_answer_is_no_judgement_and_then_the_embedded_judge_goes_on(self, failing):
        query = answered()
        judgement = run_judge(run_id=query.run_id)
        assert (judgement.state, judgement.tries, judgement.error_code) == ("pending", 1, "output_invalid")
        assert run_judge(run_id=query.run_id) is None, "not before its time"
        for _ in range(2):
            waited(judgement)
            judgements_sweep()
        judgement.refresh_from_db()
        assert (judgement.state, judgement.tries, failing.asked) == ("failed", 3, 3)
        assert judgement.relevance is judgement.accuracy is judgement.safety is None
        embedded = Judgement.objects.get(judge="embedded")
        assert (embedded.state, embedded.verdict) == ("judged", "good")
        assert judgements_of([query.run_id]) == {query.run_id: embedded}
        assert judgements_sweep() == 0

    def test_a_throttled_one_is_asked_later(self, failing):
        failing.error = ModelThrottled("Too many requests.")
        judgement = run_judge(run_id=answered().run_id)
        assert judgement.state == "pending"
        assert judgement.due_at > timezone.now() + timedelta(seconds=30)

    def test_a_bug_in_a_judge_ends_nothing_else(self, failing):
        failing.error = ZeroDivisionError()
        assert run_judge(run_id=answered().run_id).error_code == "internal"

    def test_without_money_the_embedded_judge_judges_at_once(self, failing, settings):
        settings.JUDGE_USD_PER_DAY = 1
        Attempt.objects.create(purpose="judge", scope="judge", latency_ms=1, cost_usd=Decimal(2), outcome="ok")
        assert run_judge(run_id=answered().run_id).judge == "embedded"
        assert failing.asked == 0

    def test_scores_stand_only_where_somebody_judged(self):
        query = answered()
        with pytest.raises(IntegrityError):
            Judgement.objects.create(
                run=query.run, judge="model", judge_version="v", judge_hash="h", state="failed", relevance=1.0
            )


class TestOverruling:
    @pytest.fixture
    def robin(self):
        return User.objects.create_user("robin")

    @pytest.fixture
    def judgement(self):
        return reply_judge(message_id=answered().reply_id)

    def overrule(self, judgement, user, **said):
        values = {"aspect": "accuracy", "value": 0.2, "reason": "The price is that of last year.", **said}
        return judgement_overrule(judgement_id=judgement.pk, user=user, **values)

    def test_a_persons_word_holds_and_the_judges_stays(self, judgement, robin):
        overruling = self.overrule(judgement, robin)
        judgement.refresh_from_db()
        assert judgement.accuracy_label == "good", "what the judge said is kept"
        accuracy = aspects_of(judgement)[1]
        assert (accuracy.judged, accuracy.score, accuracy.grade) == (judgement.accuracy, 0.2, "bad")
        assert verdict_of(judgement) == "bad"
        assert (overruling.by, overruling.actor, overruling.before) == (robin, f"user:{robin.pk}", judgement.accuracy)

    def test_it_is_in_the_trail_without_its_words(self, judgement, robin):
        self.overrule(judgement, robin)
        event = AuditEvent.objects.get(action="judgement.overruled")
        assert (event.actor, event.object_id) == (f"user:{robin.pk}", judgement.pk)
        assert "last year" not in str(event.details)

    def test_all_that_was_said_is_kept_and_the_last_holds(self, judgement, robin):
        self.overrule(judgement, robin)
        self.overrule(judgement, robin)  # the same again
        self.overrule(judgement, User.objects.create_user("vera"), value=0.8, reason="It was changed today.")
        assert [said.value for said in Overruling.objects.all()] == [0.8, 0.2]
        assert [said.is_current for said in Overruling.objects.all()] == [True, False]
        assert Overruling.objects.first().before == 0.2

    @pytest.mark.parametrize(
        ("said", "param"),
        [
            ({"aspect": "style"}, "aspect"),
            ({"value": 1.01}, "value"),
            ({"value": float("nan")}, "value"),
            ({"reason": "  "}, "reason"),
            ({"reason": "x" * 1001}, "reason"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, judgement, robin, said, param):
        with pytest.raises(InvalidInput) as refused:
            self.overrule(judgement, robin, **said)
        assert refused.value.param == param
        assert not Overruling.objects.exists()

    def test_where_there_is_no_judgement_there_is_nothing_to_overrule(self, failing, robin):
        with pytest.raises(NothingToOverrule):
            self.overrule(run_judge(run_id=answered().run_id), robin)


class TestTrust:
    def figures(self, low: float, value: float) -> dict:
        return {"accuracy": {"n": 45, "spearman": [value, low, 0.9]}}

    def test_a_version_nobody_measured_says_so(self):
        judgement = reply_judge(message_id=answered().reply_id)
        Judgement.objects.filter(pk=judgement.pk).update(judge_version="embedded-0")
        judgement.refresh_from_db()
        assert all(trust.weak and trust.words.startswith("Nobody has measured") for trust in trust_in(judgement))

    @pytest.mark.parametrize(
        ("low", "how", "weak"), [(0.1, "weakly", True), (0.4, "fairly", False), (0.6, "well", False)]
    )
    def test_where_it_is_weak_it_is_told(self, low, how, weak):
        judgement = reply_judge(message_id=answered().reply_id)
        agreement_keep(
            judge_version=judgement.judge_version, model=judgement.model, data="d", figures=self.figures(low, 0.7)
        )
        accuracy = trust_in(judgement)[1]
        assert accuracy.weak is weak
        assert f"Agrees {how} with people (Spearman 0.70" in accuracy.words


def test_who_has_their_data_deleted_leaves_scores_and_no_words():
    query = answered()
    judgement = reply_judge(message_id=query.reply_id)
    judgement_overrule(
        judgement_id=judgement.pk, aspect="safety", value=0.5, reason="It names me.", user=User.objects.create_user("a")
    )
    customer_erase(customer=query.conversation.customer, actor="system:test")
    judgement.refresh_from_db()
    assert (judgement.claims, judgement.accuracy_rationale, judgement.safety_rationale) == ([], "", "")
    assert judgement.accuracy == 1.0
    assert Overruling.objects.get().reason == ""
    assert REPLY not in str(Judgement.objects.values())
