"""A worker is killed in the middle of a run; the next run on the same message goes on where it was."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from agents.errors import ToolError
from agents.models import Run, RunEntry, RunStep
from agents.providers.base import Purpose
from agents.types import Blocker, Decision, Tool
from omnicqm.common.models import Attempt
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, assessment, call

pytestmark = pytest.mark.django_db

NOTHING = {"type": "object", "additionalProperties": False}
ANSWER = "We open at 9 and close at 18. [1]"


class Killed(BaseException):
    """The worker is gone: nothing of it runs any more, no clean-up either."""


class Effects:
    """A tool that writes, and how often it did."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def write(self, of_server) -> dict[str, str]:
        self.keys.append(of_server.key)
        return {"task": "opened"}

    @property
    def tool(self) -> Tool:
        return Tool("open_task", "Opens a task.", NOTHING, self.write, "writes", takes_call=True)


def killing(purpose: Purpose):
    """Kills the worker when it asks the model for `purpose`."""

    def before(request) -> None:
        if request.purpose is purpose:
            raise Killed

    return before


def model(**options) -> ScriptedModel:
    gather = [[call("search_knowledge", 1, query="opening hours"), call("open_task", 2)], "Enough."]
    return ScriptedModel(**({"gather": gather, "compose": [ANSWER]} | options))


@pytest.fixture
def hours(know) -> None:
    know(HOURS, external_id="hours")


@pytest.fixture
def killed(hours, use_model, run):
    """A run on the message "qry_1" that was killed before the model was asked for `purpose`."""

    def killed(purpose: Purpose, effects: Effects, **options) -> None:
        use_model(model(before=killing(purpose)))
        with pytest.raises(Killed):
            run("When do you open?", origin="qry_1", tools=(effects.tool,), **options)

    return killed


@pytest.mark.parametrize("purpose", [Purpose.ASSESS, Purpose.COMPOSE])
def test_a_killed_run_goes_on_without_asking_or_acting_again(killed, use_model, run, purpose):
    effects = Effects()
    killed(purpose, effects)
    again = use_model(model(gather=["Never asked."]))
    result = run("When do you open?", origin="qry_1", tools=(effects.tool,))
    assert (result.decision, result.reply_text) == (Decision.AUTO_SEND, ANSWER)
    assert len(effects.keys) == 1
    assert not again.asked(Purpose.GATHER)
    assert len(again.asked(Purpose.ASSESS)) == (1 if purpose is Purpose.ASSESS else 0)
    [source] = result.sources
    assert source.external_id == "hours", "the passages found before are on the shelf again"


def test_what_a_run_left_that_nobody_resumed_goes_after_a_day(killed):
    killed(Purpose.ASSESS, Effects())
    current_app.tasks["agents.records_purge"].delay()
    assert RunEntry.objects.exists()
    RunEntry.objects.update(created_at=timezone.now() - timedelta(hours=25))
    current_app.tasks["agents.records_purge"].delay()
    assert not RunEntry.objects.exists()


def test_the_resumed_run_says_so_and_leaves_nothing_behind(killed, use_model, run):
    effects = Effects()
    killed(Purpose.ASSESS, effects)
    dead = Run.objects.get()
    assert RunEntry.objects.filter(run=dead).count() == 4, "two replies and two results"
    use_model(model())
    result = run("When do you open?", origin="qry_1", tools=(effects.tool,))
    dead.refresh_from_db()
    assert (dead.state, dead.error_code) == ("failed", "abandoned")
    step = RunStep.objects.filter(run_id=result.run_id).first()
    assert (step.kind, step.name, step.output) == ("resume", dead.pk, {"remembered": 4})
    left = RunEntry.objects.values_list("run_id", "key")
    assert [(run_id, key.partition(":")[0]) for run_id, key in left] == [(result.run_id, "tool")] * 2, "for replays"


def test_what_the_killed_run_used_counts(killed, use_model, run, settings):
    effects = Effects()
    killed(Purpose.COMPOSE, effects)
    settings.RUN_MAX_TOKENS = sum(Attempt.objects.values_list("input_tokens", flat=True))
    use_model(model())
    result = run("When do you open?", origin="qry_1", tools=(effects.tool,))
    assert (result.decision, result.blockers) == (Decision.ESCALATE, (Blocker.LIMIT_REACHED,))


@pytest.mark.parametrize(
    "changed",
    [{"message": "When do you close?"}, {"sender_verified": True}, {"origin": "qry_2"}],
    ids=lambda changed: next(iter(changed)),
)
def test_nothing_is_replayed_when_the_matter_is_another(killed, use_model, run, changed):
    effects = Effects()
    killed(Purpose.ASSESS, effects)
    again = use_model(model())
    options = {"message": "When do you open?", "origin": "qry_1", "tools": (effects.tool,)} | changed
    run(**options)
    assert again.asked(Purpose.GATHER)


def test_a_run_that_died_long_ago_starts_over(killed, use_model, run):
    effects = Effects()
    killed(Purpose.ASSESS, effects)
    Run.objects.update(started_at=timezone.now() - timedelta(hours=1))
    again = use_model(model())
    run("When do you open?", origin="qry_1", tools=(effects.tool,))
    assert again.asked(Purpose.GATHER)
    assert len(set(effects.keys)) == 1, "the tool is told that it is the same call"


def test_a_run_that_ended_is_not_resumed(hours, use_model, run):
    effects = Effects()
    for _ in range(2):
        use_model(model())
        run("When do you open?", origin="qry_1", tools=(effects.tool,))
    assert Run.objects.filter(state="finished").count() == 2
    assert len(effects.keys) == 2


def test_a_tool_that_refused_is_not_asked_again(hours, use_model, run):
    asked: list[int] = []

    def refuse(of_server) -> None:
        asked.append(1)
        raise ToolError("Closed for the night.")

    tool = Tool("open_task", "Opens a task.", NOTHING, refuse, "writes", takes_call=True)
    use_model(model(before=killing(Purpose.ASSESS)))
    with pytest.raises(Killed):
        run("When do you open?", origin="qry_1", tools=(tool,))
    use_model(model())
    run("When do you open?", origin="qry_1", tools=(tool,))
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_calls_of_one_turn_run_side_by_side_and_writes_one_after_another(use_model, run):
    together, order, connections = threading.Barrier(2, timeout=5), [], set()

    def read(name: str):
        def work() -> str:
            together.wait()  # only somebody else at the same time lets it pass
            connections.add(threading.get_ident())
            return name

        return Tool(name, "Reads.", NOTHING, work)

    def write(name: str):
        return Tool(name, "Writes.", NOTHING, lambda of_server: order.append(name) or name, "writes", takes_call=True)

    tools = (read("read_a"), write("write_a"), read("read_b"), write("write_b"))
    uses = [call(name, number) for number, name in enumerate(["write_b", "read_b", "write_a", "read_a"])]
    scripted = use_model(ScriptedModel(gather=[uses, "Enough."], assess=[assessment(support=0.0, cited=[])]))
    run("Do it", tools=tools)
    results = scripted.asked(Purpose.ASSESS)[0].messages[2].content
    assert [block.tool_use_id for block in results[:4]] == ["use-0", "use-1", "use-2", "use-3"]
    assert order == ["write_b", "write_a"]
    assert len(connections) == 2
    assert threading.get_ident() not in connections
    connection.close()
