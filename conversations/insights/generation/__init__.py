"""Summaries of a customer's interactions: prompts, models, checks, and the text a CRM agent reads.

`prompt_version` and `intent_key` belong into the key of whatever keeps summaries: they are what, beside the events,
shapes the text.
"""

from conversations.insights.generation.asking import intent_key, prompt_version
from conversations.insights.generation.generating import summary_generate
from conversations.insights.generation.types import Summary

__all__ = ["Summary", "intent_key", "prompt_version", "summary_generate"]
