"""Tables of feedback."""

from feedback.models.judgements import Judgement, Overruling
from feedback.models.ratings import Rating

__all__ = ["Judgement", "Overruling", "Rating"]
