"""The judge against people, on answers they have scored."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agents.judging import judge_get
from feedback.judging.agreement import shipped_figures
from feedback.models import Agreement

GOOD = "Room delivery costs $59 and takes 5 to 10 working days."
BAD = "Room delivery is free of charge and comes the same evening with a present."


def row(number: int, response: str, score: float) -> dict:
    return {
        "task_id": f"t{number}",
        "question": "What does room delivery cost?",
        "history": [{"role": "customer", "text": "Hello"}],
        "context_doc_ids": ["d1", "gone"],
        "response": response,
        "human": {"faithfulness": score, "appropriateness": score, "completeness": score},
    }


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kb_public").mkdir()
    passage = {"id": "d1", "title": "Delivery", "text": f"{GOOD}\nParcels cost $6.90."}
    (tmp_path / "kb_public" / "docs.jsonl").write_text(json.dumps(passage))
    folder = tmp_path / "judge_calibration"
    folder.mkdir()
    rows = [row(number, GOOD if number % 2 else BAD, 4.0 if number % 2 else 1.0) for number in range(16)]
    (folder / "scored.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def calibrate(folder, *options: str) -> str:
    out = StringIO()
    call_command("judge_calibrate", str(folder), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_a_judge_that_says_what_people_say_agrees_fully_and_is_remembered(folder, tmp_path):
    written = tmp_path / "figures.json"
    shown = calibrate(folder, "--json", str(written), "--keep")
    record = json.loads(written.read_text())[judge_get("embedded").version]
    assert record["halves"]["all"]["accuracy"]["n"] == 16
    assert record["halves"]["all"]["accuracy"]["spearman"][0] == 1.0
    assert record["halves"]["all"]["accuracy"]["auroc"] == [1.0, 1.0, 1.0]
    halves = [record["halves"][half]["accuracy"]["n"] for half in ("tuned", "held out")]
    assert sum(halves) == 16
    assert min(halves) > 0
    assert "1.00 (1.00 to 1.00)" in shown
    assert Agreement.objects.get().figures == record["figures"] == record["halves"]["held out"]


@pytest.mark.parametrize(
    ("line", "told"),
    [("nothing", "line 1 is no JSON object"), ('{"task_id": "1"}', "has no question, response, human")],
)
def test_a_line_that_is_no_answer_is_named(folder, line, told):
    (folder / "scored.jsonl").write_text(line)
    with pytest.raises(CommandError, match=told):
        calibrate(folder)


def test_figures_are_shipped_for_the_judge_as_it_is():
    shipped = shipped_figures(judge_get("embedded").version)
    assert shipped, "the rules of the judge were changed: calibrate it, and ship the figures with it"
    assert shipped["figures"]["accuracy"]["spearman"][1] > 0.3, "pages say that accuracy can be relied on"


def test_what_people_said_of_real_answers(shared_data, tmp_path):
    """The six answers that people found the most and the least faithful; all 111 take minutes."""
    answers = shared_data / "judge_calibration" / "mtrag_human_scores_govt.jsonl"
    if not answers.is_file():
        pytest.skip(f"no scored answers at {answers}")
    rows = [json.loads(line) for line in answers.read_text().splitlines()]
    rows.sort(key=lambda row: row["human"]["faithfulness"])
    (tmp_path / "few.jsonl").write_text("\n".join(json.dumps(row) for row in (*rows[:6], *rows[-6:])))
    passages = shared_data / "kb_public" / "docs.jsonl"
    written = tmp_path / "figures.json"
    calibrate(tmp_path / "few.jsonl", "--judge", "embedded", "--passages", str(passages), "--json", str(written))
    (record,) = json.loads(written.read_text()).values()
    assert record["halves"]["all"]["accuracy"]["n"] == 12
    assert record["halves"]["all"]["accuracy"]["auroc"][0] >= 0.8
