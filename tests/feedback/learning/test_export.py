"""Corrections as examples to fine-tune a model with: Bedrock's formats, no personal data, and what was left out."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from feedback.learning.corrections import correction_note, draft_reject
from feedback.learning.export import RESERVED, Choice, corrections_lines, manifest_open
from tests.agents.tracing.test_privacy import PERSONAL, PLANTED
from tests.conversations.people import customer_make
from tests.feedback.learning.people import DRAFT, QUESTION, answer, answered, case_make, consultant

pytestmark = pytest.mark.django_db

EDITED = DRAFT.replace("five years", "ten years, whatever it was used for")
OTHER = "Please bring the frame to our store in Lakeview: Ana looks at it there and then."


def noted(text: str, **case):
    return correction_note(message_id=answered(text, **case).pk)


def export(form="nova", **choice):
    manifest = manifest_open(form, Choice(**choice))
    lines = list(corrections_lines(manifest, Choice(**choice)))
    return [json.loads(line) for line in lines], manifest


def test_nova_wants_a_conversation_that_begins_with_the_user_and_ends_with_the_assistant():
    noted(EDITED)
    [record], manifest = export()
    assert record["schemaVersion"] == "bedrock-conversation-2024"
    assert list(record["system"][0]) == ["text"]
    user, assistant = record["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    assert user["content"] == [{"text": f"Bed frame\n\n{QUESTION}"}]
    assert assistant["content"] == [{"text": EDITED}]
    assert (manifest.written, dict(manifest.kinds)) == (1, {"edited": 1})


def test_claude_wants_plain_contents():
    noted(EDITED)
    [record], _ = export("claude")
    assert [turn["role"] for turn in record["messages"]] == ["user", "assistant"]
    assert record["messages"][1]["content"] == EDITED
    assert isinstance(record["system"], str)


def test_others_want_prompt_and_completion():
    noted(EDITED)
    [record], _ = export("prompt")
    assert record == {"prompt": f"Bed frame\n\n{QUESTION}", "completion": EDITED}


def test_no_personal_data_of_twelve_kinds_gets_out():
    customer = customer_make(
        "zaphyra.quill@example.com",
        display_name=PERSONAL["NAME"][0],
        profile={"Street address": PLANTED["address"], "Account number": PLANTED["account"]},
    )
    told = ". ".join(f"The {kind} is {value}" for kind, value in PLANTED.items())
    noted(f"We have noted it all. {told}. Robin Hale", question=f"Who am I? {told}", customer=customer)
    for form in ("nova", "claude", "prompt"):
        records, manifest = export(form)
        assert len(records) == 1
        for kind, value in PLANTED.items():
            assert value not in json.dumps(records, ensure_ascii=False), kind
        assert "Robin" not in json.dumps(records)
        assert sum(manifest.personal_taken_out.values()) >= 2 * len(PLANTED)


class TestChoosing:
    @pytest.fixture(autouse=True)
    def four(self):
        noted(DRAFT)
        noted(DRAFT.replace("lasts", "runs for"))
        noted(OTHER)
        escalation = case_make("Another question about frames?")
        draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
        correction_note(message_id=answer(escalation, "That frame has no warranty any more.").pk)

    def test_what_was_hardly_changed_teaches_nothing(self):
        records, manifest = export(least_edited=20)
        assert len(records) == 3
        assert dict(manifest.left_out) == {"changed_too_little": 1}
        assert dict(manifest.kinds) == {"as_is": 1, "rewritten": 1, "rejected": 1}

    @pytest.mark.parametrize(
        ("choice", "left_out"),
        [
            ({"as_is": False}, {"as_it_was": 1}),
            ({"edited": False}, {"edited": 2}),
            ({"rejected": False}, {"rejected": 1}),
        ],
    )
    def test_by_kind(self, choice, left_out):
        records, manifest = export(**{"least_edited": 0, **choice})
        assert dict(manifest.left_out) == left_out
        assert len(records) == 4 - sum(left_out.values())

    def test_by_category(self):
        assert export(least_edited=0, category="billing")[0] == []
        assert len(export(least_edited=0, category="product")[0]) == 4


@pytest.mark.parametrize("word", RESERVED)
def test_no_prompt_begins_with_a_reserved_word(word):
    case = case_make(f"{word} what now?")
    case.packet["subject"] = ""
    case.conversation.subject = ""
    case.conversation.save()
    case.save()
    correction_note(message_id=answer(case, EDITED).pk)
    records, manifest = export()
    assert records == []
    assert dict(manifest.left_out) == {"reserved_word": 1}


def test_the_same_example_comes_once():
    noted(EDITED)
    noted(EDITED)
    records, manifest = export()
    assert len(records) == 1
    assert dict(manifest.left_out) == {"same_as_another": 1}


def test_what_was_thrown_away_without_a_reply_is_no_example():
    draft_reject(escalation_id=case_make().pk, reason="Wrong product", user_id=None)
    assert dict(export()[1].left_out) == {"no_reply": 1}


class TestCommand:
    def run(self, tmp_path, *options):
        told = io.StringIO()
        call_command("corrections_export", "--out", str(tmp_path / "out.jsonl"), *options, stdout=told)
        return told.getvalue()

    def test_it_writes_the_file_and_its_manifest(self, tmp_path):
        noted(EDITED)
        noted(DRAFT.replace("lasts", "runs for"))
        told = self.run(tmp_path, "--least-edited", "15")
        lines = (tmp_path / "out.jsonl").read_text().splitlines()
        assert len(lines) == 1
        manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
        assert (manifest["format"], manifest["written"], manifest["left_out"]) == (
            *("nova", 1, {"changed_too_little": 1}),
        )
        assert "1 examples" in told
        assert "changed too little: 1" in told
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_what_cannot_be_is_told(self, tmp_path):
        with pytest.raises(CommandError, match="percentage"):
            self.run(tmp_path, "--least-edited", "101")
        (tmp_path / "out.jsonl").mkdir()
        with pytest.raises(CommandError, match="cannot be written"):
            self.run(tmp_path)
