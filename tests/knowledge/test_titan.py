"""Titan embeddings against the simulator, and what happens when the embedding model is changed."""

import numpy as np
import pytest
from django.db import transaction

from knowledge.embeddings.titan import MODEL_ID, TRIES, TitanEmbedder
from knowledge.errors import EmbeddingFailed
from knowledge.models import Chunk
from knowledge.selectors import knowledge_search
from knowledge.services import chunks_reembed
from omnicqm.common.models import Attempt
from tests.simulators.bedrock import Hang, Throttle, error_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def much_time(monkeypatch):
    """The simulator's own model takes a while to load on a busy machine."""
    for name, seconds in {"PAUSE_SECONDS": 0, "CALL_SECONDS": 120, "FEW_SECONDS": 120, "MANY_SECONDS": 120}.items():
        monkeypatch.setattr(f"knowledge.embeddings.titan.{name}", seconds)


@pytest.fixture
def titan(bedrock, settings):
    def use() -> None:
        settings.EMBEDDINGS = "titan"

    return use


def test_texts_become_unit_vectors_in_their_order(bedrock):
    vectors = TitanEmbedder().embed_texts([f"text number {number}" for number in range(20)])
    assert vectors.shape == (20, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=0.01)
    again = TitanEmbedder().embed_texts(["text number 7"])
    assert np.allclose(vectors[7], again[0], atol=1e-6)


def test_each_request_is_a_row_of_the_ledger_with_its_cost(bedrock):
    TitanEmbedder().embed_texts(["How do I return a lamp?", "What does delivery cost?"])
    [attempt] = Attempt.objects.all()
    assert (attempt.purpose, attempt.model, attempt.outcome) == ("embed", MODEL_ID, "ok")
    assert attempt.input_tokens > 5
    assert float(attempt.cost_usd) == pytest.approx(attempt.input_tokens * 0.00002 / 1000, abs=1e-8)


def test_what_was_paid_stays_when_the_caller_undoes_what_it_did(bedrock, settings):
    settings.BATCHING = True
    with transaction.atomic():
        TitanEmbedder().embed_texts(["How do I return a lamp?"])
        transaction.set_rollback(True)
    [attempt] = Attempt.objects.all()
    assert (attempt.model, attempt.outcome) == (MODEL_ID, "ok")
    assert attempt.cost_usd > 0


def test_a_throttled_text_is_tried_again(bedrock):
    bedrock.script(MODEL_ID, [Throttle()])
    assert TitanEmbedder().embed_texts(["Hello"]).shape == (1, 512)
    assert len(bedrock.calls) == 2


@pytest.mark.parametrize(("item", "calls"), [(Throttle(), TRIES), (error_of("AccessDeniedException"), 1)])
def test_what_stays_wrong_is_said(bedrock, item, calls):
    bedrock.always(MODEL_ID, item)
    with pytest.raises(EmbeddingFailed):
        TitanEmbedder().embed_texts(["Hello"])
    assert len(bedrock.calls) == calls
    [attempt] = Attempt.objects.all()
    assert (attempt.outcome, attempt.error_code, attempt.cost_usd) == ("error", "embedding_failed", 0)


def test_a_customer_does_not_wait_for_a_service_that_hangs(bedrock, monkeypatch):
    monkeypatch.setattr("knowledge.embeddings.titan.FEW_SECONDS", 0.3)
    bedrock.always(MODEL_ID, Hang(120))
    with pytest.raises(EmbeddingFailed, match="timeout"):
        TitanEmbedder().embed_texts(["Hello", "Good day"])


def test_documents_are_found_with_titan(know, titan):
    titan()
    document = know("# Returns\n\nYou can return a lamp within 30 days.", external_id="returns")
    [passage, *_] = knowledge_search(query="return a lamp")
    assert passage.document_id == document.id
    assert set(Chunk.objects.values_list("embedding_model", flat=True)) == {TitanEmbedder.model}


def test_without_titan_words_alone_find_documents(know, titan, bedrock):
    titan()
    know("A travel card costs 95 dollars a year.", title="Fees", external_id="fees")
    know("Internal: waive the fee of the travel card.", title="Staff", external_id="staff", internal=True)
    bedrock.always(MODEL_ID, error_of("AccessDeniedException"))
    [found] = knowledge_search(query="travel card")
    assert found.external_id == "fees"
    assert 0.2 < found.relevance < 0.5, "without a look at the meaning nobody is sure"


def test_after_a_change_of_model_everything_is_embedded_anew_and_found_again(know, titan):
    know("# Returns\n\nYou can return a lamp within 30 days.", external_id="returns")
    titan()
    assert knowledge_search(query="return a lamp") == []
    assert chunks_reembed() == 1
    assert [passage.title for passage in knowledge_search(query="return a lamp")] == ["Returns"]
    assert chunks_reembed() == 0
