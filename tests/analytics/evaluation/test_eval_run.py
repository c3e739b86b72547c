"""`eval_run` from its data to its exit code."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from agents.models import Run
from agents.prompts import FOLDER as RUN_PROMPTS
from analytics.evaluation.bars import bars_read
from analytics.evaluation.results import Result, figure_make
from analytics.evaluation.suites import SUITES, summaries
from analytics.evaluation.tracking import EXPERIMENT, results_track
from conversations.insights.generation.asking import FOLDER as SUMMARY_PROMPTS
from knowledge.models import Document
from knowledge.services import upload_create, versions_sweep
from omnicqm.common.models import Attempt
from tests.agents.tracing.conftest import mlflow, mlflow_uri  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db

DOCS = {
    "delivery": ("Room delivery", "Room delivery costs $59 and takes 5 to 10 working days."),
    "returns": ("Returns", "You can return an unused item within 30 days, free of charge."),
    "oil": ("Caring for oak", "Oil an oak table twice a year with hard wax oil."),
}
QUERIES = [
    ("q1", "faq_question", "What does room delivery cost?", ["delivery"]),
    ("q2", "faq_question", "How long do I have to return an unused item?", ["returns"]),
    ("q3", "faq_question", "How often do I oil an oak table?", ["oil"]),
    ("q4", "far_miss", "Who won the chess world championship in 1972?", []),
    ("q5", "far_miss", "Translate good morning into Japanese.", []),
]
MAIL = {
    "id": "m1",
    "file": "messages/m1.txt",
    "kind": "reply",
    "format": "text/plain",
    "lang": "en",
    "match": "exact",
    "expected_reply": "Yes, please.",
    "source": "test",
}
TALK = {
    "id": "c1",
    "turns": [
        {"role": "customer", "text": "My sofa has not arrived. Where is it?"},
        {"role": "agent", "text": "It left the warehouse today and arrives on Friday."},
    ],
    "references": ["The customer asks where the sofa is. It left the warehouse and arrives on Friday."],
}


def lines(rows) -> str:
    return "\n".join(map(json.dumps, rows))


@pytest.fixture
def data(tmp_path):
    bank, mail, talks = (tmp_path / name for name in ("kb_bank", "email_parsing", "conversations"))
    for folder in (bank, mail / "messages", talks):
        folder.mkdir(parents=True)
    (bank / "docs.jsonl").write_text(lines({"id": id, "title": t, "text": x} for id, (t, x) in DOCS.items()))
    rows = [
        {"id": id, "kind": kind, "text": text, "gold_doc_ids": gold, "answerable": bool(gold)}
        for id, kind, text, gold in QUERIES
    ]
    (bank / "queries.jsonl").write_text(lines(rows))
    (mail / "cases.jsonl").write_text(lines([MAIL]))
    (mail / "messages" / "m1.txt").write_text("Yes, please.\n\nOn Mon, 2 Nov 2026 at 10:00, Shop wrote:\n> Shall we?\n")
    (talks / "talks.jsonl").write_text(lines([TALK]))
    return tmp_path


def evaluate(data, *arguments: str) -> tuple[int, str, str]:
    """Exit code, and what was printed on stdout and stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command("eval_run", *arguments, "--data", str(data), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


def test_all_suites_print_a_table_and_write_figures_and_a_picture(data):
    shown = ["--json", str(data / "out.json"), "--plot", str(data / "out.svg")]
    code, out, _ = evaluate(data, "all", "--bars", "none", *shown)
    assert code == 0
    written = json.loads((data / "out.json").read_text())
    figures = {result["suite"]: result["figures"] for result in written["results"]}
    assert list(figures) == ["knowledge", "routing", "mail", "summaries"]
    assert figures["knowledge"]["kb_bank faq_question hit@5"]["value"] == 1.0
    assert figures["knowledge"]["kb_bank faq_question hit@5"]["n"] == 3
    assert figures["knowledge"]["kb_bank AUROC known"]["value"] == 1.0
    assert figures["routing"]["faq_question answered alone"]["value"] == 1.0
    assert figures["routing"]["far_miss not answered alone"]["value"] == 1.0
    assert figures["mail"]["read right"]["cases"] == {"m1": 1.0}
    assert figures["summaries"]["written"]["value"] == 1.0
    assert figures["summaries"]["ROUGE-1"]["value"] > 0.3
    assert written["prompt_hash"]
    assert re.search(r"kb_bank faq_question hit@5 +1\.000 +0\.439 to 1\.000 +3\n", out)
    assert "Not logged to MLflow" in out
    drawn = ET.fromstring((data / "out.svg").read_text())
    names = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "knowledge: kb_bank faq_question hit@5" in names


def test_below_a_bar_the_exit_code_is_1_and_the_bar_is_named(data):
    least = {"mail.read right": 1.0, "knowledge.kb_bank faq_question hit@5": 0.9}
    file = data / "bars.json"
    file.write_text(json.dumps(least))
    code, out, _ = evaluate(data, "mail", "--bars", str(file))
    assert (code, "No figure is below its bar." in out) == (0, True)
    broken_mail(data)
    code, _, err = evaluate(data, "mail", "--bars", str(file))
    assert code == 1
    assert "Below its bar: mail.read right: 0.000, the bar is 1" in err
    assert "hit@5" not in err, "that suite was not run"


def test_a_figure_that_is_not_there_does_not_pass_its_bar(data):
    file = data / "bars.json"
    file.write_text('{"mail.read faultlessly": 0.5}')
    code, _, err = evaluate(data, "mail", "--bars", str(file))
    assert code == 1
    assert "mail.read faultlessly: not measured" in err


def broken_mail(data) -> None:
    (data / "email_parsing" / "messages" / "m1.txt").write_text("Something else.")


class TestShippedBars:
    """They hold without being asked for."""

    def test_below_one_the_exit_code_is_1(self, data):
        assert evaluate(data, "mail")[0] == 0
        broken_mail(data)
        code, _, err = evaluate(data, "mail")
        assert code == 1
        assert "Below its bar: mail.read right: 0.000, the bar is 0.89" in err

    def test_none_switches_them_off(self, data):
        broken_mail(data)
        code, out, err = evaluate(data, "mail", "--bars", "none")
        assert (code, err.count("bar"), out.count("bar")) == (0, 0, 0)

    def test_those_of_data_that_is_not_there_wait_for_it_unless_asked_for(self, data):
        code, out, _ = evaluate(data, "knowledge")
        assert code == 0
        assert "Bars without a figure in this data:" in out
        code, _, err = evaluate(data, "knowledge", "--bars", "defaults")
        assert code == 1
        assert "knowledge.kb_public" in err

    def test_every_suite_has_one_and_none_is_beyond_reach(self):
        bars = bars_read(None)
        assert {name.partition(".")[0] for name in bars} == set(SUITES)
        assert all(0 < bar <= 1 for bar in bars.values())


def test_both_configurations_are_held_to_the_bars(data):
    code, _, err = evaluate(data, "knowledge", "--compare", "floor=1")
    assert code == 1
    assert "Below its bar: knowledge.kb_bank known is found: 0.000, the bar is 0.85 (floor=1)" in err
    code, _, err = evaluate(data, "knowledge", "--with", "floor=1", "--compare", "floor=0.1")
    assert code == 1
    assert "(floor=1)" in err


def prompts_copy(place: Path, text: str) -> Path:
    """A folder of prompts for summaries that end with `text`."""
    shutil.copytree(SUMMARY_PROMPTS, place)
    with (place / "system.txt").open("a") as file:
        file.write(f"\n{text}\n")
    return place


class TestWhatCounts:
    """Whatever of a configuration changes nothing in a suite is refused, lest no difference looks like a finding."""

    @pytest.mark.parametrize(
        ("suite", "configuration", "told"),
        [
            ("summaries", "threshold=70", "'threshold' changes nothing in the suite summaries, but in routing"),
            ("knowledge", "model=local", "'model' changes nothing in the suite knowledge, but in routing, summaries"),
            ("mail", "floor=0.2", "'floor' changes nothing in the suite mail, but in knowledge"),
        ],
    )
    def test_it_is_refused_by_name(self, data, suite, configuration, told):
        code, _, err = evaluate(data, suite, "--compare", configuration)
        assert code == 2
        assert told in err

    def test_prompts_of_runs_are_no_prompts_of_summaries(self, data):
        code, _, err = evaluate(data, "routing", "summaries", "--compare", f"model=local,prompts={RUN_PROMPTS}")
        assert code == 2
        assert "'prompts' changes nothing in the suite summaries, but in routing" in err

    def test_with_all_suites_the_results_say_so(self, data):
        code, out, _ = evaluate(data, "all", "--compare", "floor=0.2", "--bars", "none")
        assert code == 0
        assert out.count("Note: 'floor' changes nothing here.") == 3

    def test_the_same_twice_is_no_comparison(self, data):
        code, _, err = evaluate(data, "knowledge", "--with", "floor=0.2", "--compare", "floor=0.2")
        assert code == 2
        assert "compared with itself" in err

    def test_prompts_of_summaries_reach_the_model(self, data, bedrock, monkeypatch):
        monkeypatch.setattr(summaries, "SECONDS", 60)
        other = prompts_copy(data / "prompts", "Write as briefly as you can.")
        code, _, err = evaluate(
            data, "summaries", "--bars", "none",
            "--with", "model=primary", "--compare", f"model=primary,summary_prompts={other}",
        )  # fmt: skip
        assert (code, "summaries" in err) == (0, True)
        told = ["Write as briefly as you can." in json.dumps(call.body) for call in bedrock.calls]
        assert set(told) == {False, True}

    def test_a_folder_without_them_is_named(self, data):
        code, _, err = evaluate(data, "summaries", "--compare", "summary_prompts=/nowhere")
        assert code == 2
        assert "cannot be read" in err


def test_two_configurations_are_compared_case_by_case(data):
    shown = ["--json", str(data / "out.json")]
    code, out, _ = evaluate(data, "knowledge", "--compare", "floor=1", "--bars", "none", *shown)
    assert code == 0
    changed = {row["figure"]: row for row in json.loads((data / "out.json").read_text())["differences"]}
    assert changed["knowledge.kb_bank known is found"]["change"] == [-1.0, -1.0, -1.0]
    assert changed["knowledge.kb_bank known is found"]["clear"] is True
    assert changed["knowledge.kb_bank faq_question hit@5"]["change"] == [0.0, 0.0, 0.0]
    assert changed["knowledge.kb_bank faq_question hit@5"]["clear"] is False
    assert "-1.000   -1.000 to -1.000  clear" in out


def test_both_configurations_are_named(data):
    code, _, _ = evaluate(
        data,
        "routing",
        "--with",
        "threshold=100",
        "--compare",
        "model=local",
        "--bars",
        "none",
        "--json",
        str(data / "o"),
    )
    assert code == 0
    found = json.loads((data / "o").read_text())
    assert [result["configuration"] for result in found["results"]] == ["threshold=100", "model=local"]


def test_nothing_of_it_stays(data, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    upload_create(data=b"# Ours\n\nWe are closed on Sundays.", name="ours.md", source="test", actor="system:test")
    versions_sweep()
    runs = Run.objects.count()
    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    evaluate(data, "knowledge", "routing")
    assert [document.title for document in Document.objects.all()] == ["Ours"]
    assert Document.objects.get().versions.get().chunks.exists()
    assert Run.objects.count() == runs
    assert files
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == files


@pytest.mark.django_db(transaction=True)
def test_what_was_paid_stays_in_the_ledger(data, settings, bedrock, monkeypatch):
    for name in ("CALL_SECONDS", "FEW_SECONDS", "MANY_SECONDS"):  # the simulator is slow on a busy machine
        monkeypatch.setattr(f"knowledge.embeddings.titan.{name}", 120)
    settings.EMBEDDINGS, settings.BATCHING = "titan", True
    code, _, _ = evaluate(data, "knowledge", "--bars", "none")
    assert (code, Document.objects.count()) == (0, 0)
    paid = Attempt.objects.filter(provider="titan")
    assert len(paid) > len(QUERIES), "the documents and each question"
    assert paid.aggregate(usd=Sum("cost_usd"))["usd"] > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["speech"], "There is no suite 'speech'. Known: knowledge, routing, mail, summaries, all."),
        (["mail", "--compare", "colour=red"], "'colour=red' is no configuration"),
        (["mail", "--compare", "threshold=101"], "threshold must be a number from 0 to 100"),
        (["mail", "--compare", "model=gpt"], "There is no model 'gpt'"),
        (["mail", "--compare", "prompts=/nowhere"], "prompt file system.txt cannot be read"),
        (["mail", "--bars", "/nowhere.json"], "holds no bars"),
    ],
)
def test_what_cannot_be_measured_is_told_with_exit_code_2(data, arguments, told):
    code, _, err = evaluate(data, *arguments)
    assert code == 2
    assert told in err


def test_a_folder_without_data_and_a_broken_line_are_named(data, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for suite in ("knowledge", "routing", "mail", "summaries"):
        code, _, err = evaluate(empty, suite)
        assert (code, f"in {empty}" in err) == (2, True)
    (data / "kb_bank" / "queries.jsonl").write_text('{"id": 1}')
    assert "queries.jsonl, line 1 has no text" in evaluate(data, "knowledge")[2]


class TestMLflow:
    RESULTS = (Result("mail", "as set", (figure_make("read right", {"a": 1.0, "b": 0.0}),)),)

    def test_without_an_address_it_is_left_alone(self, settings):
        settings.MLFLOW_TRACKING_URI = ""
        assert results_track(self.RESULTS, []) == "Not logged to MLflow: MLFLOW_TRACKING_URI is not set."

    def test_figures_and_files_are_logged(self, mlflow, tmp_path):  # noqa: F811 - the fixture
        plot = tmp_path / "a.svg"
        plot.write_text("<svg/>")
        assert results_track(self.RESULTS, [plot]) == f"Logged to MLflow, experiment {EXPERIMENT}."
        [run] = mlflow.client.search_runs([mlflow.experiment_ensure(EXPERIMENT)])
        assert (run.info.run_name, run.info.status, run.data.tags["suites"]) == ("as set", "FINISHED", "mail")
        assert run.data.metrics["mail/read right"] == 0.5
        assert [file.path for file in mlflow.client.list_artifacts(run.info.run_id)] == ["a.svg"]

    def test_its_failure_is_told_and_nothing_else(self, settings):
        settings.MLFLOW_TRACKING_URI = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
        assert results_track(self.RESULTS, []) == "Not logged to MLflow: OperationalError."
