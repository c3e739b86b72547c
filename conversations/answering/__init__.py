"""From a query to its answer: what the agent is asked, and what becomes of its result."""

from conversations.answering.services import query_answer

__all__ = ["query_answer"]
