"""Search on the knowledge of real companies; `benchmarks/retrieval.py` measures the same in full."""

import json
import statistics

import pytest

from knowledge.models import Document
from knowledge.selectors import RELEVANCE_FLOOR, knowledge_search
from knowledge.services import upload_create, versions_sweep

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def load(path, **options):
    upload_create(data=path.read_bytes(), name=path.name, source="test", actor="system:test", **options)


def best(passages) -> float:
    return max(passage.relevance for passage in passages)


def test_each_of_the_two_mails_finds_its_article(shared_data):
    for path in (shared_data / "sample_bank" / "knowledge-articles").rglob("*.txt"):
        load(path, external_id=path.stem)
    versions_sweep()
    late_fee, travel_card = lines(shared_data / "sample_bank" / "emails.jsonl")
    best = {
        mail["id"]: knowledge_search(query=f"{mail['subject']}\n{mail['body']}")[0] for mail in (late_fee, travel_card)
    }
    assert best["sample_1"].external_id == "HandlingLatePaymentSituations"
    assert best["sample_2"].external_id == "CreditCardOptions"
    assert best["sample_2"].title == "Choosing the Right AnyCompany Bank Credit Card"
    assert all(passage.relevance >= RELEVANCE_FLOOR for passage in best.values())


def test_a_bank_s_questions_find_its_pages_and_foreign_ones_find_nothing(shared_data):
    load(shared_data / "kb_bank" / "docs.jsonl")
    versions_sweep(seconds=600)
    assert Document.objects.count() == 190
    questions = lines(shared_data / "kb_bank" / "queries.jsonl")
    asked = {kind: [q for q in questions if q["kind"] == kind] for kind in ("faq_question", "far_miss")}

    found = [
        knowledge_search(query=question["text"], limit=8, audience="internal") for question in asked["faq_question"]
    ]
    gold = [set(question["gold_doc_ids"]) for question in asked["faq_question"]]
    hits = [any(p.external_id in ids for p in passages) for passages, ids in zip(found, gold, strict=True)]
    assert statistics.fmean(hits) >= 0.9

    assert statistics.fmean(best(passages[:5]) >= RELEVANCE_FLOOR for passages in found) >= 0.95
    foreign = [knowledge_search(query=question["text"], audience="internal") for question in asked["far_miss"]]
    assert statistics.fmean(best(passages) >= RELEVANCE_FLOOR for passages in foreign) <= 0.05

    internal = set(Document.objects.filter(audience="internal").values_list("id", flat=True))
    assert len(internal) > 20
    for question in questions[::4]:
        assert not {passage.document_id for passage in knowledge_search(query=question["text"], limit=10)} & internal
