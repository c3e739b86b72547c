"""Public collections of attacks, abuse and harmless mails, read by the embedded engine."""

import pytest

from tests.agents.engine.conftest import lines

pytestmark = [pytest.mark.data, pytest.mark.django_db]


@pytest.fixture
def share_flagged(flags):
    def share(texts: list[str], flag: str) -> float:
        return sum(flag in flags(text) for text in texts) / len(texts)

    return share


@pytest.mark.parametrize("kind", ["jailbreak", "system_prompt_extraction", "payload"])
def test_nine_of_ten_attacks_are_told(shared_data, share_flagged, kind):
    attacks = [row["text"] for row in lines(shared_data / "adversarial" / "prompts.jsonl") if row["kind"] == kind]
    assert share_flagged(attacks, "injection") >= 0.9


def test_no_business_mail_is_taken_for_an_attack_or_a_danger(shared_data, share_flagged):
    rows = lines(shared_data / "adversarial" / "email_injection_contexts.jsonl")
    mails = [f"{row['context']}\n{row['question']}" for row in rows]
    assert share_flagged(mails, "injection") == 0
    assert share_flagged(mails, "safety") == 0


def test_hardly_a_customers_question_is_taken_for_an_attack(shared_data, share_flagged):
    rows = [*lines(shared_data / "kb_bank" / "queries.jsonl"), *lines(shared_data / "kb_public" / "queries.jsonl")]
    assert share_flagged([row["text"] for row in rows], "injection") <= 0.005


def test_who_asks_for_a_person_is_heard(shared_data, flags):
    rows = lines(shared_data / "intents" / "nlupp_banking.jsonl")
    heard = ["asked_for_person" in flags(row["text"]) for row in rows]
    asked = ["handoff" in row["intents"] for row in rows]
    right = sum(a and h for a, h in zip(asked, heard, strict=True))
    assert right / sum(asked) >= 0.9
    assert right / sum(heard) >= 0.95


def test_hardly_a_harmless_sentence_is_taken_for_anger_a_complaint_or_a_wish_for_a_person(shared_data, flags):
    rows = lines(shared_data / "intents" / "nlupp_banking.jsonl")
    harmless = [flags(row["text"]) for row in rows if "handoff" not in row["intents"]]
    for flag in ("angry_frustrated_tone", "premium_complaints", "asked_for_person"):
        assert sum(flag in found for found in harmless) / len(harmless) <= 0.01


def test_no_string_breaks_the_engine(shared_data, read):
    for row in lines(shared_data / "adversarial" / "naughty_strings.jsonl"):
        assert read(row["text"].replace("\0", ""))["factors"]
