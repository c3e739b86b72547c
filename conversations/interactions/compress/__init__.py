"""A history within a budget of tokens, without losing what is open, amounts and dates."""

from conversations.interactions.compress.fitting import Compressed, events_compress, history_compress
from conversations.interactions.compress.tokens import event_tokens

__all__ = ["Compressed", "event_tokens", "events_compress", "history_compress"]
