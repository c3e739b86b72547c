"""Search: what is found, in which order, by whom, and when nothing is known."""

import pytest
from django.db import connection

from knowledge import tasks
from knowledge.embeddings import embedder_get
from knowledge.models import Audience
from knowledge.search.candidates import Candidate, Found, candidates_find
from knowledge.search.question import question_make
from knowledge.search.scoring import candidates_score
from knowledge.selectors import RELEVANCE_FLOOR, knowledge_search
from omnicqm.common.errors import InvalidInput

pytestmark = pytest.mark.django_db

ARTICLES = {
    "lost": (
        "Lost or stolen cards",
        "Call us at any hour. We block the card at once and send a new one within 5 days.",
    ),
    "fees": ("Late payment fee", "A payment that comes after the due date is charged $35. We waive the first fee."),
    "travel": (
        "Travel card",
        "Five points on flights, lounge access, no foreign transaction fee. It costs $450 a year.",
    ),
    "loan": ("Car loans", "We lend up to $60,000 for a car over at most six years. Your rate depends on your score."),
    "branch": ("Opening hours", "Branches are open from nine to five on weekdays and until noon on Saturdays."),
}


@pytest.fixture
def bank(know):
    for name, (title, text) in ARTICLES.items():
        know(text, title=title, external_id=name)


def found(query, **options):
    return [passage.external_id for passage in knowledge_search(query=query, **options)]


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("I lost my wallet with the credit card in it", "lost"),
        ("why was I charged 35 dollars", "fees"),
        ("which card is best for travelling by plane", "travel"),
        ("can you finance a vehicle", "loan"),
        ("are you open on saturday", "branch"),
    ],
)
def test_the_fitting_article_comes_first_whatever_words_are_used(bank, query, article):
    first = knowledge_search(query=query)[0]
    assert first.external_id == article
    assert first.relevance >= RELEVANCE_FLOOR


@pytest.mark.parametrize("query", ["what is the weather in Lima", "tell me a joke", "my dog is sick", "hi", "thanks!"])
def test_below_the_floor_nothing_is_known(bank, query):
    assert all(passage.relevance < RELEVANCE_FLOOR for passage in knowledge_search(query=query))


def test_what_is_below_a_floor_is_left_out_and_makes_room(bank):
    everything = knowledge_search(query="late payment fee", limit=50)
    kept = knowledge_search(query="late payment fee", limit=50, min_relevance=RELEVANCE_FLOOR)
    assert kept == [passage for passage in everything if passage.relevance >= RELEVANCE_FLOOR]
    assert 0 < len(kept) < len(everything)


def test_a_passage_carries_all_a_citation_needs(know):
    document = know("# Fees\n\n## Late\n\nIt is $35 after the due date.", external_id="fees", title="Our fees")
    [passage] = knowledge_search(query="late fee")
    version = document.versions.get()
    assert (passage.document_id, passage.external_id, passage.title) == (document.id, "fees", "Our fees")
    assert (passage.version, passage.version_id, passage.chunk_id) == (1, version.id, version.chunks.get().id)
    assert (passage.heading, passage.text) == ("Fees › Late", "It is $35 after the due date.")
    assert passage.internal is False
    assert 0 <= passage.relevance <= 1


class TestLexicalArm:
    def test_a_code_that_no_vector_knows_is_found_by_its_word(self, bank, know):
        for number in range(40, 52):
            know(f"Error ZX-{number} of the terminal needs a call to our service line.", external_id=f"zx{number}")
        assert found("what does ZX-47 mean")[0] == "zx47"

    def test_rare_words_weigh_more_than_frequent_ones(self, bank):
        terms = question_make("payment of the lounge card fee", (), embedder_get())
        rarity = candidates_find(terms, audiences=[Audience.CUSTOMER], embedder=embedder_get()).rarity
        assert rarity["loung"] > rarity["card"]
        assert rarity["loung"] == pytest.approx(1.3863, abs=1e-3)  # ln(1 + (5 - 1 + .5) / (1 + .5))

    def test_scores_are_those_of_bm25(self, know):
        know("alpha beta gamma", title="delta", external_id="short")
        know("alpha alpha beta epsilon zeta eta theta iota", title="delta", external_id="long")
        question = question_make("alpha", (), embedder_get())
        found = candidates_find(question, audiences=[Audience.CUSTOMER], embedder=embedder_get())
        scores = sorted(candidate.bm25 for candidate in found.candidates)
        idf, mean = 0.18232, (4 + 9) / 2  # ln(1 + (2 - 2 + .5) / (2 + .5))
        short = idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 4 / mean))
        long = idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 9 / mean))
        assert scores == pytest.approx(sorted([short, long]), abs=1e-4)

    def test_a_question_of_stop_words_only_is_answered_by_meaning(self, bank):
        assert len(found("what is this about?")) == 5


class TestAudience:
    def test_internal_documents_are_found_by_consultants_only(self, bank, know):
        know("Waive every late fee of Premium customers.", title="Waiving", external_id="secret", internal=True)
        assert "secret" not in found("waive fees of premium customers", limit=50)
        assert found("waive fees of premium customers", audience="internal")[0] == "secret"

    def test_what_customers_cannot_see_does_not_count_as_known(self, know):
        know("The zebra code is 17.", external_id="secret", internal=True)
        know("Nine to five.", external_id="hours")
        question = question_make("zebra code", (), embedder_get())
        customer = candidates_find(question, audiences=[Audience.CUSTOMER], embedder=embedder_get())
        assert customer.rarity == {}
        assert len(customer.candidates) == 1

    def test_a_document_made_internal_vanishes_at_once(self, bank, hand_in):
        title, text = ARTICLES["fees"]
        hand_in(text, title=title, external_id="fees", internal=True)
        assert "fees" not in found("late payment fee")

    def test_an_unknown_audience_is_refused(self):
        with pytest.raises(InvalidInput):
            knowledge_search(query="x", audience="everybody")


class TestContext:
    def test_earlier_turns_tell_what_a_short_question_is_about(self, bank):
        context = ["I want to buy a car and need a loan", "up to how much?"]
        assert found("and for how many years?", context=context)[0] == "loan"

    def test_a_new_topic_is_not_drowned_by_the_earlier_ones(self, bank):
        context = ["I want to buy a car and need a loan", "up to how much?"]
        assert found("my card was stolen", context=context)[0] == "lost"

    def test_earlier_words_weigh_a_fifth(self):
        question = question_make("annual fee", ["travel card", "which one?", "the fee"], embedder_get())
        assert question.terms == {"annual": 1.0, "fee": 1.0, "one": 0.2}


class TestEdges:
    def test_an_empty_knowledge_base_knows_nothing(self, db):
        assert knowledge_search(query="anything") == []

    @pytest.mark.parametrize("query", ["", "   ", "\n"])
    def test_an_empty_question_finds_nothing(self, bank, query):
        assert knowledge_search(query=query) == []

    @pytest.mark.parametrize(
        "query", ["'; DROP TABLE knowledge_chunk; --", "%s %(terms)s ?| {}", "🙂🙂", "\\", "a" * 9000]
    )
    def test_hostile_questions_are_only_questions(self, bank, query):
        assert len(knowledge_search(query=query)) == 5

    def test_the_limit_is_kept(self, bank):
        assert len(found("card", limit=2)) == 2

    def test_the_task_answers_with_plain_data(self, bank):
        [passage] = tasks.search.delay("late fee", 1, "customer").get()
        assert passage["external_id"] == "fees"
        assert set(passage) >= {"document_id", "title", "chunk_id", "text", "score", "relevance"}


class TestIndex:
    def test_the_dense_arm_uses_the_index_of_the_model(self, bank):
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'chunk_minilm'")
            [definition] = cursor.fetchone()
        assert "hnsw" in definition
        assert "vector(384)" in definition
        statements = []

        def note(execute, sql, params, many, context):
            statements.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            knowledge_search(query="late fee")
        [dense] = [(sql, params) for sql, params in statements if "ORDER BY c.embedding" in sql]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {dense[0]}", dense[1])
            assert "chunk_minilm" in str(cursor.fetchall())

    def test_a_filter_that_refuses_most_still_gets_its_rows(self, know):
        for number in range(150):
            know(f"The late fee is ${number}, say internal rules.", internal=True)
        know("Branches open at nine.", external_id="hours")
        assert found("late fee") == ["hours"]


def test_fusion_counts_distances_not_ranks():
    near = [Candidate("a", 0.80, 0.0, frozenset()), Candidate("b", 0.79, 9.0, frozenset({"x"}))]
    far = [Candidate("a", 0.80, 0.0, frozenset()), Candidate("b", 0.40, 9.0, frozenset({"x"}))]
    rest = [Candidate("c", 0.10, 0.0, frozenset())]
    order = [
        [one.chunk_id for one in candidates_score(Found(pair + rest, {"x": 2.0}), {"x": 1.0})] for pair in (near, far)
    ]
    assert order == [["b", "a", "c"], ["a", "b", "c"]]
