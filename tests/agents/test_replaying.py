"""A run done again: with another model, other prompts or another threshold, and nothing touched by it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from agents.models import Run, RunEntry, RunReplay
from agents.prompts import NAMES, prompts_load
from agents.providers.base import Purpose
from agents.replaying import Change, replay_begin, replay_request, replay_run, replays_sweep
from agents.replaying.errors import ChangeInvalid, ReplayRefused, TooManyReplays
from agents.replaying.services import AN_HOUR, AT_ONCE
from agents.services import run_execute, runs_erase
from agents.types import Decision, RunRequest, Tool
from omnicqm.common.models import Attempt, AuditEvent
from tests.agents.conftest import HOURS, hand_over
from tests.agents.scripted import ScriptedModel, assessment, call

pytestmark = pytest.mark.django_db

NOTHING = {"type": "object", "additionalProperties": False}
ANSWER = "We open at 9 and close at 18. [1]"
GATHER = [[call("search_knowledge", 1, query="opening hours"), call("open_task", 2), call("look_up", 3)], "Enough."]
ACTOR = "user:7"


class Company:
    """One tool that writes and one that reads, and how often each was really called."""

    def __init__(self) -> None:
        self.wrote = self.read = 0

    def write(self, of_server) -> dict[str, str]:
        self.wrote += 1
        return {"task": f"number {self.wrote}"}

    def look_up(self) -> dict[str, str]:
        self.read += 1
        return {"level": f"gold {self.read}"}

    @property
    def tools(self) -> tuple[Tool, ...]:
        write = Tool("open_task", "Opens a task.", NOTHING, self.write, "writes", takes_call=True)
        return write, Tool("look_up", "Looks up.", NOTHING, self.look_up)


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def request_of(company):
    return lambda **fields: RunRequest(
        **{
            "scope": "channel:test",
            "subject": "",
            "message": "When do you open?",
            "origin": "qry_1",
            "tools": company.tools,
        }
        | fields
    )


@pytest.fixture
def original(know, use_model, request_of) -> Run:
    know(HOURS, external_id="hours")
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    return Run.objects.get(pk=run_execute(request_of()).run_id)


def replayed(run: Run, request: RunRequest, **change) -> RunReplay:
    replay = replay_begin(replay_id=replay_request(run_id=run.pk, change=Change(**change), actor=ACTOR).pk)
    done = replay_run(replay=replay, request=request)
    done.refresh_from_db()
    return done


# --- What is different -----------------------------------------------------------------------------------------------
def test_another_threshold_decides_otherwise(original, use_model, request_of):
    urgent = assessment(counts={"urgency": 1})
    use_model(ScriptedModel(gather=[*GATHER], assess=[urgent], compose=[ANSWER]))
    first = replayed(original, request_of(), threshold=85)
    use_model(ScriptedModel(gather=[*GATHER], assess=[urgent], compose=[ANSWER]))
    second = replayed(original, request_of(), threshold=90)
    assert (first.run.decision, first.run.score, first.run.threshold) == (Decision.AUTO_SEND, 85, 85)
    assert (second.run.decision, second.run.score, second.run.threshold) == (Decision.ESCALATE, 85, 90)
    original.refresh_from_db()
    assert (original.decision, original.threshold) == (Decision.AUTO_SEND, 80), "what was, stays"


def test_another_model_is_asked_and_no_other(original, use_model, request_of, settings):
    usual = use_model(ScriptedModel(gather=["Never asked."]))
    other = ScriptedModel(gather=[*GATHER], compose=["We open at 9. [1]"])
    other.model = "other-1"
    settings.MODEL_PROVIDERS = {
        **settings.MODEL_PROVIDERS,
        "other": {"BACKEND": "tests.agents.test_replaying.other_get"},
    }
    OTHERS["other"] = other
    replay = replayed(original, request_of(), model="other")
    assert (replay.run.model_used, replay.run.reply_text) == ("other-1", "We open at 9. [1]")
    assert not usual.requests
    assert set(Attempt.objects.filter(run_id=replay.run_id).values_list("scope", "provider")) == {("replay", "other")}


OTHERS: dict[str, ScriptedModel] = {}


def other_get() -> ScriptedModel:
    return OTHERS["other"]


def test_other_prompts_are_read_as_the_folder_is_now(original, use_model, request_of, settings, tmp_path):
    settings.PROMPTS_FOLDER = tmp_path
    (tmp_path / "curt").mkdir()
    (tmp_path / "curt" / "system.txt").write_text("version: 9\nvariables:\n---\nAnswer in five words.")
    model = use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of(), prompts="curt")
    assert {request.system for request in model.requests} == {"Answer in five words."}
    assert replay.run.prompt_version.startswith("9-")
    assert replay.run.prompt_hash != prompts_load().digest
    assert replay.run.prompt_version.count("-") == len(NAMES) - 1, "the others are those in use"


def test_a_broken_prompt_is_the_reason_why_it_could_not_be_done(original, use_model, request_of, settings, tmp_path):
    settings.PROMPTS_FOLDER = tmp_path
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "system.txt").write_text("no head at all")
    replay = replayed(original, request_of(), prompts="broken")
    assert (replay.state, replay.run) == ("failed", None)
    assert "'system'" in replay.reason


# --- Nothing is touched ----------------------------------------------------------------------------------------------
def test_tools_answer_as_they_did_and_nothing_is_done_again(original, company, use_model, request_of):
    assert (company.wrote, company.read) == (1, 1)
    model = use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of())
    assert (company.wrote, company.read) == (1, 1)
    told = " ".join(block.text for block in model.asked(Purpose.ASSESS)[0].messages[2].content[:3])
    assert "number 1" in told
    assert "gold 1" in told
    [source] = replay.run.sources
    assert source["external_id"] == "hours", "the passages found then are cited again"


def test_a_call_that_was_not_made_then_reads_but_never_writes(original, company, use_model, request_of):
    RunEntry.objects.all().delete()  # as after two weeks
    model = use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replayed(original, request_of())
    assert (company.wrote, company.read) == (1, 2)
    results = model.asked(Purpose.ASSESS)[0].messages[2].content[:3]
    assert [result.status for result in results] == ["success", "error", "success"]
    assert "this is a replay" in results[1].text


def test_a_run_on_the_same_message_that_is_under_way_goes_on(original, use_model, request_of):
    running = Run.objects.create(scope="channel:test", origin="qry_1")
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of())
    running.refresh_from_db()
    assert running.state == Run.State.RUNNING
    assert (replay.run.scope, replay.run.origin) == ("replay", "")


def test_nobody_reads_the_reply_as_it_is_written(original, use_model, request_of):
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    read: list[str] = []
    replayed(original, request_of(on_sentence=read.append))
    assert read == []


def test_results_of_tools_are_kept_for_two_weeks_and_replies_of_models_are_not(original):
    keys = [key.partition(":")[0] for key in RunEntry.objects.filter(run=original).values_list("key", flat=True)]
    assert keys == ["tool"] * 3
    RunEntry.objects.update(created_at=timezone.now() - timedelta(days=13))
    current_app.tasks["agents.records_purge"].delay()
    assert RunEntry.objects.count() == 3
    RunEntry.objects.update(created_at=timezone.now() - timedelta(days=15))
    current_app.tasks["agents.records_purge"].delay()
    assert not RunEntry.objects.exists()


def test_a_replay_leaves_no_results_of_its_own(original, use_model, request_of):
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of())
    assert not RunEntry.objects.filter(run=replay.run).exists()


def test_what_a_replay_wrote_goes_with_the_customers_data(original, use_model, request_of):
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of())
    assert runs_erase(origins=["qry_1"]) == 2
    replay.run.refresh_from_db()
    assert replay.run.reply_text == ""
    assert not RunEntry.objects.exists()


class Killed(BaseException):
    """As when the worker's process ends."""


def test_what_a_killed_replay_noted_goes_with_the_customers_data_too(original, use_model, request_of, monkeypatch):
    """Its run answers no message and has not ended: only the replay leads to it."""
    replay = replay_request(run_id=original.pk, change=Change(), actor=ACTOR)
    killed = _killed(replay, use_model, request_of, monkeypatch)
    assert runs_erase(origins=["qry_1"]) == 2
    assert not any(step.output for step in killed.steps.all())
    assert not RunEntry.objects.filter(run=killed).exists()


def test_what_a_killed_replay_noted_is_forgotten_when_it_is_begun_again(original, use_model, request_of, monkeypatch):
    replay = replay_request(run_id=original.pk, change=Change(), actor=ACTOR)
    killed = _killed(replay, use_model, request_of, monkeypatch)
    RunReplay.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    done = replay_run(replay=replay_begin(replay_id=replay.pk), request=request_of())
    assert done.run_id not in (None, killed.pk)
    assert not any(step.output for step in killed.steps.all())
    assert not RunEntry.objects.filter(run=killed).exists()


def _killed(replay: RunReplay, use_model, request_of, monkeypatch) -> Run:
    def die(*_, **__):
        raise Killed

    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    with monkeypatch.context() as patch:
        patch.setattr("agents.services._finish", die)
        with pytest.raises(Killed):
            replay_run(replay=replay_begin(replay_id=replay.pk), request=request_of())
    killed = Run.objects.get(replay=replay)
    assert killed.state == Run.State.RUNNING
    assert any(step.output for step in killed.steps.all())
    return killed


# --- Who asks for what -----------------------------------------------------------------------------------------------
def test_it_is_audited_and_done_once(original, use_model, request_of):
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    replay = replayed(original, request_of(), threshold=70)
    event = AuditEvent.objects.get(action="run.replayed")
    assert (event.actor, event.object_id, event.details["threshold"]) == (ACTOR, original.pk, 70)
    assert replay_begin(replay_id=replay.pk) is None, "it is done"


@pytest.mark.parametrize(
    ("change", "param"),
    [({"model": "gpt"}, "model"), ({"prompts": "../x"}, "prompts"), ({"threshold": 101}, "threshold")],
)
def test_a_change_that_makes_no_sense_names_its_field(original, change, param):
    with pytest.raises(ChangeInvalid) as refused:
        replay_request(run_id=original.pk, change=Change(**change), actor=ACTOR)
    assert refused.value.param == param
    assert not RunReplay.objects.exists()


def test_a_run_that_has_not_ended_and_a_replay_are_not_replayed(original, use_model, request_of):
    running = Run.objects.create(scope="channel:test")
    use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER]))
    for run in (running, replayed(original, request_of()).run):
        with pytest.raises(ReplayRefused):
            replay_request(run_id=run.pk, change=Change(), actor=ACTOR)


def test_nobody_asks_for_too_many(original):
    for _ in range(AT_ONCE):
        replay_request(run_id=original.pk, change=Change(), actor=ACTOR)
    with pytest.raises(TooManyReplays, match="still being worked on"):
        replay_request(run_id=original.pk, change=Change(), actor=ACTOR)
    replay_request(run_id=original.pk, change=Change(), actor="user:8")
    RunReplay.objects.filter(actor=ACTOR).update(state="failed")
    RunReplay.objects.bulk_create(
        RunReplay(original=original, actor=ACTOR, state="failed") for _ in range(AN_HOUR - AT_ONCE)
    )
    with pytest.raises(TooManyReplays, match="within an hour"):
        replay_request(run_id=original.pk, change=Change(), actor=ACTOR)


@pytest.mark.django_db(transaction=True)
def test_nobody_asks_for_too_many_at_once():
    runs = [Run.objects.create(scope="channel:test", finished_at=timezone.now()) for _ in range(3 * AT_ONCE)]
    start = Barrier(len(runs))

    def ask(run: Run) -> bool:
        try:
            start.wait(10)
            replay_request(run_id=run.pk, change=Change(), actor=ACTOR)
        except TooManyReplays:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(runs)) as pool:
        assert sum(pool.map(ask, runs)) == AT_ONCE == RunReplay.objects.count()


def test_what_a_dead_worker_left_is_begun_again_and_given_up_in_the_end(original):
    replay = replay_request(run_id=original.pk, change=Change(), actor=ACTOR)
    assert replay_begin(replay_id=replay.pk)
    assert replays_sweep() == []
    RunReplay.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert replays_sweep() == [replay.pk]
    assert replay_begin(replay_id=replay.pk)
    RunReplay.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert replays_sweep() == []
    replay.refresh_from_db()
    assert (replay.state, replay.reason) == ("failed", "No worker did it in time. Ask for it again.")


def test_without_a_change_the_model_in_use_is_asked(original, use_model, request_of):
    assert use_model(ScriptedModel(gather=[*GATHER], compose=[ANSWER])) is hand_over()
    replay = replayed(original, request_of())
    assert (replay.run.model_used, replay.run.decision) == (original.model_used, original.decision)
