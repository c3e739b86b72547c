"""What raters and judges wrote of somebody who has had their data deleted. Whether it helped, and the scores, stay."""

from conversations.erasure.scope import ErasureScope
from feedback.models import Judgement, Overruling, Rating
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
