"""Tables of feedback."""

from feedback.models.judgements import Agreement, Judgement, Overruling
from feedback.models.ratings import Rating

__all__ = ["Agreement", "Judgement", "Overruling", "Rating"]
