"""Rehearsal: what the runs of a period would have come to with another threshold or other weights."""

from analytics.rehearsal.figures import Figures, Score, rehearse
from analytics.rehearsal.history import History, history_load

__all__ = ["Figures", "History", "Score", "history_load", "rehearse"]
