"""The agent loop: gather, assess, score, gate, and only then compose. Plain code, no framework.

Whatever ends a run early is an `AgentError`; `agents.services` turns it into an escalation.
"""

from agents.loop.assessing import assess
from agents.loop.composing import compose
from agents.loop.gathering import gather
from agents.loop.judging import judge
from agents.loop.limits import Limits
from agents.loop.thinking import CategoryPolicy, Judged, Outcome, Thinking

__all__ = ["CategoryPolicy", "Judged", "Limits", "Outcome", "Thinking", "run_think"]


def run_think(thinking: Thinking) -> Outcome:
    """Think one message through. Raises `AgentError` when it cannot be done within the limits and rules."""
    gather(thinking)
    thinking.assessment = assess(thinking)
    thinking.provider.language = thinking.assessment.language
    thinking.judged = judge(thinking, thinking.assessment)
    return compose(thinking, thinking.assessment, thinking.judged)
