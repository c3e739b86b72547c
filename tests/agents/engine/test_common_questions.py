"""What customers of a shop ask most, in their words, over a knowledge base of many articles."""

from pathlib import Path

import pytest

from agents.types import Decision

ARTICLES = Path(__file__).parents[3] / "omnicqm" / "demo" / "articles"
FACTS = {
    "How long does delivery take?": "5 to 10 working days",
    "Until when can I change the delivery date free of charge?": "12 noon",
    "How do I pay in instalments?": "monthly instalments",
    "Can I pay with PayPal?": "PayPal",
    "Can I return a mattress I have slept on?": "100 nights",
    "What time do you open on Sundays?": "Sunday",
    "How long is the warranty on a sofa frame?": "10 years",
    "How much does room delivery cost?": "$49",
}


def test_common_questions_are_answered_with_the_fact(know, run) -> None:
    for article in sorted(ARTICLES.glob("*.md")):
        know(article.read_text(), name=article.name, external_id=article.stem)
    results = {question: run(question, sender_verified=True) for question in FACTS}
    unanswered = [question for question, result in results.items() if result.decision is not Decision.AUTO_SEND]
    assert not unanswered
    beside = {q: results[q].reply_text for q, fact in FACTS.items() if fact not in results[q].reply_text}
    assert not beside


@pytest.mark.parametrize("thanks", ["Thanks, that solved it!", "Thank you very much, all clear now.", "Great, thanks!"])
def test_thanks_get_thanks_back(run, thanks: str) -> None:
    result = run(thanks)
    assert (result.decision, result.intent) == (Decision.AUTO_SEND, "thanks")
