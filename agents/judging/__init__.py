"""The judge: scores what the agent wrote, after the fact and off the hot path. It never decides what is sent."""

from agents.judging.base import Judge, judge_get
from agents.judging.grading import grade_of
from agents.judging.types import Claim, Evidence, JudgeCase, Mark, Marks

__all__ = ["Claim", "Evidence", "Judge", "JudgeCase", "Mark", "Marks", "grade_of", "judge_get"]
