"""Tables of feedback."""

from feedback.models.autonomy import AutonomyBreaker, ShadowComparison
from feedback.models.corrections import Correction
from feedback.models.gaps import ArticleProposal, GapQuestion, KnowledgeGap
from feedback.models.judgements import Agreement, Judgement, Overruling
from feedback.models.ratings import Rating

__all__ = [
    "Agreement",
    "ArticleProposal",
    "AutonomyBreaker",
    "Correction",
    "GapQuestion",
    "Judgement",
    "KnowledgeGap",
    "Overruling",
    "Rating",
    "ShadowComparison",
]
