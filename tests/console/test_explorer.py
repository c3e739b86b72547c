"""The run explorer: runs found among many, one run as a timeline, a run done again and what was different."""

import importlib
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from agents.models import Run, RunReplay, RunStep
from conversations.answering import query_answer
from conversations.answering.replaying import request_rebuild
from conversations.erasure.services import customer_erase
from conversations.errors import NothingToReplay
from conversations.models import Conversation, Delivery, Escalation, FollowUp, Message, Query
from feedback.models import Judgement, Overruling
from omnicqm.common.models import Attempt, AuditEvent
from omnicqm.console.explorer.difference import difference_of, words_compare
from omnicqm.console.explorer.filters import values_in_use
from omnicqm.console.explorer.timeline import timeline_of
from omnicqm.console.judging import judgement_cards
from tests.agents.conftest import HOURS, know, use_model  # noqa: F401 - fixtures
from tests.agents.scripted import ScriptedModel, assessment, call
from tests.console.people import admin_make, consultant_make
from tests.console.test_runs import RUNS, attempt_make, listed, run_make
from tests.conversations.people import conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db
ANSWER = "We open at 9 and close at 18. [1]"
SEARCHES = [[call("search_knowledge", 1, query="opening hours")], "Enough."]


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


@pytest.fixture
def answered(know, use_model) -> Query:  # noqa: F811
    """A customer's question that the agent has answered alone."""
    know(HOURS, external_id="hours")
    use_model(ScriptedModel(gather=SEARCHES, compose=[ANSWER]))
    query = query_make(conversation_make(customer_make("ada@example.org")), "When do you open?", channel="chat")
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    assert query.status == Query.Status.ANSWERED
    return query


def run_page(run: Run | str) -> str:
    return reverse("admin:agents_run_change", args=[run if isinstance(run, str) else run.pk])


def replay_page(run: Run) -> str:
    return reverse("admin:agents_run_replay_page", args=[run.pk])


# --- Found among many ------------------------------------------------------------------------------------------------
def test_runs_are_found_by_what_they_cost_took_and_scored(client, boss):
    cheap = run_make(cost_usd=Decimal("0.001"), latency_ms=300, score=100)
    dear = run_make(cost_usd=Decimal("0.2"), latency_ms=9000, score=85)
    assert listed(client, cost_usd_from="0.1") == {dear.pk}
    assert listed(client, cost_usd_to="0.1") == {cheap.pk}
    assert listed(client, latency_ms_from="5000", latency_ms_to="10000") == {dear.pk}
    assert listed(client, score_to="90") == {dear.pk}


def test_runs_are_found_by_factor_category_channel_and_day(client, boss):
    urgent = run_make(factors={"urgency": {"count": 1, "weight": 15, "evidence": ["today"]}}, score=85)
    calm = run_make(category="delivery", scope="channel:chat", started_at=timezone.now() - timedelta(days=3))
    replay = run_make(scope="replay")
    day = f"{timezone.now() - timedelta(days=1):%Y-%m-%d}"
    assert listed(client, factor="urgency") == {urgent.pk}
    assert listed(client, factor="none") == {calm.pk}
    assert listed(client, category="delivery") == {calm.pk}
    assert listed(client, channel="channel:chat") == {calm.pk}
    assert listed(client, channel="replay") == {replay.pk}
    assert listed(client) == {urgent.pk, calm.pk}, "replays answered nobody"
    assert listed(client, started_at_from=day) == {urgent.pk}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "x"])
def test_a_day_that_is_none_or_beyond_all_runs_is_left_out(client, boss, day, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    run = run_make()
    assert listed(client, started_at_from=day, started_at_to=day) == {run.pk}


def test_runs_are_listed_while_valkey_is_away(client, boss, settings):
    settings.CACHES = {"default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    run = run_make(model_used="m")
    assert listed(client, model_used="m") == {run.pk}


def judgement_make(run: Run, grade: str, *, judge: str = "embedded", version: str = "1") -> Judgement:
    """`grade` is of relevance, and so the verdict; there was nothing to be checked for accuracy."""
    return Judgement.objects.create(
        run=run, kind="reply", state="judged", judge=judge, judge_version=version, judge_hash="x", verdict=grade,
        relevance=1, relevance_label=grade, safety=1, safety_label="good", judged_at=timezone.now(),
    )  # fmt: skip


def overruling_make(judgement: Judgement, grade: str, aspect: str = "relevance", **fields) -> Overruling:
    return Overruling.objects.create(
        judgement=judgement, aspect=aspect, value=1, label=grade, reason="It is.", actor="user:1", **fields
    )


def test_runs_are_found_by_what_the_judge_says(client, boss):
    good, bad, unread = run_make(), run_make(), run_make()
    judgement_make(good, "good")
    judgement_make(bad, "bad")
    assert listed(client, verdict="good") == {good.pk}
    assert listed(client, verdict="bad") == {bad.pk}
    assert listed(client, verdict="none") == {unread.pk}
    assert listed(client, verdict="awful") == set()
    assert "Judge:" in client.get(run_page(bad)).content.decode()


def test_runs_are_found_by_the_verdict_that_their_pages_show(client, boss):
    mended, spoiled, twice, old = (run_make() for _ in range(4))
    overruling_make(judgement_make(mended, "bad"), "good")
    overruling_make(judgement_make(spoiled, "good"), "doubtful", aspect="accuracy")
    judgement = judgement_make(twice, "bad")
    overruling_make(judgement, "good", is_current=False)
    overruling_make(judgement, "doubtful")
    overruling_make(judgement_make(old, "bad"), "good")
    judgement_make(old, "good", judge="model", version="2")  # which is shown, not the embedded judge's
    shown = {pk: card.verdict for pk, card in judgement_cards([mended.pk, spoiled.pk, twice.pk, old.pk]).items()}
    assert shown == {mended.pk: "good", spoiled.pk: "doubtful", twice.pk: "doubtful", old.pk: "good"}
    for verdict in ("good", "doubtful", "bad"):
        assert listed(client, verdict=verdict) == {pk for pk, one in shown.items() if one == verdict}
    assert listed(client, verdict="overruled") == {mended.pk, spoiled.pk, twice.pk}


def test_runs_are_found_by_reference_and_by_the_ids_of_what_they_are_about(client, boss):
    query = query_make(conversation_make(), "Where is my table?")
    run, other = run_make(), run_make()
    Query.objects.filter(pk=query.pk).update(run=run)
    superseded = run_make(origin=query.pk)
    for term in (query.pk, query.conversation_id, query.conversation.reference, query.conversation.reference.lower()):
        assert listed(client, q=term) == {run.pk, superseded.pk}, term
    assert listed(client, q=other.pk) == {other.pk}
    assert listed(client, q="aaaa") == {run.pk, other.pk, superseded.pk}, "the beginning of a prompt hash"
    assert listed(client, q="CQ-ZZZZ-ZZZZ") == set()


def test_a_list_of_many_costs_no_more_queries_than_one_of_few(client, boss, django_assert_max_num_queries):
    for number in range(3):
        query = query_make(conversation_make(customer_make(f"{number}@example.org")), "Hello")
        Query.objects.filter(pk=query.pk).update(run=run_make(category=f"c{number}"))
    client.get(RUNS)
    with django_assert_max_num_queries(20) as few:
        client.get(RUNS)
    for number in range(3, 30):
        query = query_make(conversation_make(customer_make(f"{number}@example.org")), "Hello")
        Query.objects.filter(pk=query.pk).update(run=run_make(category=f"c{number}"))
    with django_assert_max_num_queries(len(few.captured_queries)):
        shown = client.get(RUNS).content.decode()
    assert query.conversation.reference in shown


def test_choices_of_a_filter_are_the_values_there_are():
    for model in ("nova", "haiku", "nova"):
        run_make(model_used=model)
    run_make(model_used="")
    assert values_in_use("model_used") == ["haiku", "nova"]


# --- One run ---------------------------------------------------------------------------------------------------------
def test_a_timeline_tells_what_began_when(client, boss):
    run = run_make(latency_ms=1000)
    begun = run.started_at
    attempt_make(run_id=run.pk, purpose="gather", latency_ms=400, at=begun + timedelta(milliseconds=500))
    RunStep.objects.create(
        run=run,
        index=0,
        kind="tool",
        name="search_knowledge",
        started_at=begun + timedelta(milliseconds=510),
        latency_ms=90,
    )
    RunStep.objects.create(
        run=run,
        index=1,
        kind="guard",
        name="answer",
        error="It promises.",
        started_at=begun + timedelta(milliseconds=900),
    )
    spans = timeline_of(run, list(run.steps.all()), Attempt.objects.all()).spans
    assert [(span.title, span.began_ms, span.took_ms, span.failed) for span in spans] == [
        ("Model: Gather", 100, 400, False),
        ("Retrieval", 510, 90, False),
        ("Guard", 900, 0, True),
    ]
    assert [(span.bar_x, span.bar_width) for span in spans] == [(100, 400), (510, 90), (900, 4)]
    shown = client.get(run_page(run)).content.decode()
    assert "It promises." in shown
    assert shown.count('class="cq-span') >= 3


def test_the_page_of_a_real_run_shows_every_step_with_what_went_in_and_out(client, boss, answered):
    shown = client.get(run_page(answered.run)).content.decode()
    for words in (
        "Retrieval",
        "opening hours",
        "We open at 9 and close at 18",
        "Assessment",
        "Gate",
        "Compose",
        "Guard",
    ):
        assert words in shown, words
    assert answered.conversation.reference in shown
    assert 'style="' not in re.search(r'<div class="cq-case">.*</main>|<div class="cq-case">.*', shown, re.DOTALL)[0]
    steps = {step.kind: step for step in RunStep.objects.filter(run=answered.run)}
    assert steps["tool"].output["passages"][0]["external_id"] == "hours"
    began = list(RunStep.objects.filter(run=answered.run).order_by("index").values_list("started_at", flat=True))
    assert min(began) >= answered.run.started_at - timedelta(milliseconds=5)


def test_a_page_costs_the_same_number_of_queries_however_much_a_run_did(
    client, boss, answered, django_assert_max_num_queries
):
    client.get(run_page(answered.run))
    with django_assert_max_num_queries(25) as few:
        client.get(run_page(answered.run))
    for number in range(100, 140):
        RunStep.objects.create(run=answered.run, index=number, kind="tool", name="look_up")
        attempt_make(run_id=answered.run_id)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(run_page(answered.run))


def test_a_run_that_is_not_there_leads_back(client, boss):
    assert client.get(run_page("run_x")).status_code == 302
    assert client.get(reverse("admin:agents_run_replay_page", args=["run_x"])).status_code == 302


# --- Done again ------------------------------------------------------------------------------------------------------
def test_an_answered_question_is_done_again_with_another_threshold(
    client,
    boss,
    answered,
    use_model,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    urgent = assessment(counts={"urgency": 1})
    use_model(ScriptedModel(gather=SEARCHES, assess=[urgent], compose=["We open at 9 and close early. [1]"]))
    before = [model.objects.count() for model in (Message, Escalation, Delivery, FollowUp)]
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(replay_page(answered.run), {"model": "", "prompts": "", "threshold": "90"})
    replay = RunReplay.objects.get()
    assert (replay.state, replay.run.decision, replay.run.scope) == ("done", "escalate", "replay")
    assert response.url == reverse("admin:agents_runreplay_change", args=[replay.pk])
    shown = client.get(response.url).content.decode()
    assert "Sent alone" in shown
    assert "To a person" in shown
    assert [model.objects.count() for model in (Message, Escalation, Delivery, FollowUp)] == before
    answered.refresh_from_db()
    assert (answered.status, answered.run_id) == ("answered", replay.original_id)
    assert AuditEvent.objects.filter(action="run.replayed", actor=f"user:{boss.pk}").count() == 1
    assert replay.pk in client.get(reverse("admin:agents_runreplay_changelist")).content.decode()
    assert (
        reverse("admin:agents_runreplay_change", args=[replay.pk])
        in client.get(run_page(answered.run)).content.decode()
    )


def test_the_embedded_engine_and_a_model_on_bedrock_do_it_again(
    client, boss, answered, bedrock, settings, django_capture_on_commit_callbacks
):
    product = importlib.import_module("omnicqm.settings")
    settings.MODEL_PROVIDERS = {**settings.MODEL_PROVIDERS, **product.MODEL_PROVIDERS}
    settings.MODEL_SECONDS = {"primary": 60.0, "secondary": 60.0}
    settings.MODEL_RUN_SECONDS = 120.0
    for alias in ("local", "primary"):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(replay_page(answered.run), {"model": alias})
    local, primary = RunReplay.objects.order_by("created_at")
    assert (local.state, local.run.model_used) == ("done", "local-extractive")
    assert "9" in local.run.reply_text
    assert (primary.state, primary.run.decision) == ("done", "auto_send")
    assert "nova" in primary.run.model_used
    assert primary.run.cost_usd > 0
    assert {call.model_id for call in bedrock.calls} == {"eu.amazon.nova-2-lite-v1:0"}, "and no other was asked"
    assert Message.objects.filter(author="assistant").count() == 1


def test_what_the_agent_was_asked_is_put_together_as_it_was(answered):
    later = query_make(answered.conversation, "And on Sundays?", channel="chat")
    Conversation.objects.update(status=Conversation.Status.WITH_CONSULTANT)
    request = request_rebuild(run_id=answered.run_id)
    assert request.message == "When do you open?"
    assert request.scope == "channel:chat"
    assert request.sender_verified
    assert request.may_clarify
    assert not request.blockers, "that a person has it now is no reason of then"
    assert "Sundays" not in str(request.history), later


def test_a_run_whose_customer_was_erased_is_refused_with_the_reason(client, boss, answered):
    customer_erase(customer=answered.conversation.customer, actor="test")
    shown = client.post(replay_page(answered.run), {"threshold": "70"}).content.decode()
    assert "had their data deleted" in shown
    assert not RunReplay.objects.exists()
    with pytest.raises(NothingToReplay):
        request_rebuild(run_id=answered.run_id)


def test_who_was_erased_after_it_was_asked_for_is_not_thought_about(client, boss, answered, settings, monkeypatch):
    monkeypatch.setattr("omnicqm.console.explorer.replays.task_enqueue", lambda name, *args: None)
    client.post(replay_page(answered.run), {"threshold": "70"})
    waiting = client.get(reverse("admin:agents_runreplay_change", args=[RunReplay.objects.get().pk])).content.decode()
    assert "data-waiting" in waiting
    customer_erase(customer=answered.conversation.customer, actor="test")
    from omnicqm.console.tasks import replay_run

    replay_run(RunReplay.objects.get().pk)
    replay = RunReplay.objects.get()
    assert replay.state == "failed"
    assert "data deleted" in replay.reason
    assert replay.reason in client.get(reverse("admin:agents_runreplay_change", args=[replay.pk])).content.decode()


def test_a_run_about_no_message_is_refused(client, boss):
    assert "no message of a customer" in client.post(replay_page(run_make()), {}).content.decode()


def test_a_mistake_is_told_at_its_field(client, boss, answered):
    response = client.post(replay_page(answered.run), {"threshold": "101"})
    assert response.context["form"].errors["threshold"]
    assert client.post(replay_page(answered.run), {"model": "gpt"}).context["form"].errors["model"]
    assert not RunReplay.objects.exists()


def test_only_who_may_replay_does(client, answered):
    person = consultant_make()
    client.force_login(person)
    for url in (run_page(answered.run), replay_page(answered.run), reverse("admin:agents_runreplay_changelist")):
        assert client.get(url).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_run"))
    assert "Run it again" not in client.get(run_page(answered.run)).content.decode().split('class="cq-case"')[1]
    assert client.post(replay_page(answered.run), {}).status_code == 403
    assert not RunReplay.objects.exists()
    client.logout()
    assert client.get(run_page(answered.run)).status_code == 302


# --- What is different -----------------------------------------------------------------------------------------------
def test_words_that_went_and_came_are_told_apart():
    pieces = words_compare("We open at 9 on Monday.", "We open at 10 on Monday, too.")
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == "We open at 9 on Monday."
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "We open at 10 on Monday, too."
    assert [(piece.kind, piece.text) for piece in pieces][1:3] == [("gone", "9"), ("new", "10")]
    assert words_compare("", "") == []
    assert [piece.kind for piece in words_compare("a " * 4000, "b " * 4000)] == ["gone", "new"]


def test_a_difference_names_what_changed_and_by_how_much():
    before = run_make(
        latency_ms=900, cost_usd=Decimal("0.002"), reply_text="Yes.", sources=[{"title": "Fees"}], support=0.9
    )
    after = run_make(
        decision="escalate", score=70, threshold=80, latency_ms=300, cost_usd=Decimal("0.003"), reply_text="Yes.",
        sources=[{"title": "Hours"}, {"title": "Fees"}], support=0.9,
    )  # fmt: skip
    found = difference_of(before, after)
    differing = {row.title: (row.before, row.after, row.change) for row in found.rows if row.differs}
    assert differing == {
        "Decision": ("Sent alone", "To a person", ""),
        "Score": ("100", "70", "-30"),
        "Cost": ("$0.0020", "$0.0030", "+$0.0010"),
        "Latency": ("900 ms", "300 ms", "-600 ms"),
    }
    assert [(piece.kind, piece.text) for piece in found.sources] == [("same", "Fees"), ("new", "Hours")]
    assert found.summary == f"4 of {len(found.rows)} differ; the reply is the same"
