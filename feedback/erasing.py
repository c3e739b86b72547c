"""What raters and judges wrote of somebody who has had their data deleted. Whether it helped, and the scores, stay."""

from conversations.erasure.scope import ErasureScope
from feedback.models import ArticleProposal, Correction, GapQuestion, Judgement, KnowledgeGap, Overruling, Rating
from omnicqm.common.outbox.services import outbox_erase


def ratings_erase(scope: ErasureScope) -> None:
    """Empty the words of every rating of the insights and replies of `scope`. Call inside a transaction."""
    ratings = Rating.objects.filter(query__in=scope.queries) | Rating.objects.filter(insight__in=scope.insights)
    keys = list(ratings.values_list("pk", flat=True))
    Rating.objects.filter(pk__in=keys).update(reason="", comment="")
    outbox_erase(keys=keys)


def judgements_erase(scope: ErasureScope) -> None:
    """Empty the words of every judgement of what runs wrote in answer to the queries of `scope`. Call inside a
    transaction."""
    judgements = Judgement.objects.filter(run__origin__in=scope.queries)
    Overruling.objects.filter(judgement__in=judgements).update(reason="")
    judgements.update(relevance_rationale="", accuracy_rationale="", safety_rationale="", claims=[])


def learning_erase(scope: ErasureScope) -> None:
    """Empty what was learnt from the conversations of `scope`: drafts in corrections, questions of gaps, and proposals
    that nobody has approved. What was measured stays, and so does an article, which names nobody. Call inside a
    transaction."""
    Correction.objects.filter(escalation__conversation__in=scope.conversations).update(changes=[], reason="")
    asked = GapQuestion.objects.filter(query__in=scope.queries)
    gaps = list(KnowledgeGap.objects.filter(questions__in=asked).distinct())
    asked.delete()
    for gap in gaps:
        _gap_ask(gap)
    proposals = ArticleProposal.objects.filter(message__in=scope.messages)
    proposals.exclude(state=ArticleProposal.State.APPROVED).delete()
    proposals.update(message=None, question="", taken_out={})


def _gap_ask(gap: KnowledgeGap) -> None:
    """A gap is told in the words of one who asked: of another one now; one that only they asked goes."""
    left = gap.questions.order_by("at").first()
    if left is None:
        gap.delete()
        return
    gap.question = left.text
    gap.save(update_fields=["question"])
