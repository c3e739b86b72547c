"""When two requests get the same text: same events, same prompt, same models, same parameters."""

import hashlib
import json
from typing import Any

from django.conf import settings

from conversations.insights.generation import intent_key, prompt_version
from conversations.insights.types import InsightRequest
from conversations.interactions.types import History


def result_key(history: History, request: InsightRequest) -> str:
    """The key of the text for `request` about `history`, 64 characters.

    It holds the digest of the events, so a new event makes another key. The contact is no part of it, and the intent
    only where it changes the text.
    """
    parts = [
        history.digest,
        prompt_version(),
        _models(),
        intent_key(request.ivr_intent),
        request.max_history_days,
        request.max_interactions,
        sorted(channel.lower() for channel in request.channels),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _models() -> list[tuple[str, str]]:
    """The route: who changes it wants the other models' words."""
    providers: dict[str, Any] = settings.MODEL_PROVIDERS
    return [(alias, providers[alias].get("OPTIONS", {}).get("model_id", "")) for alias in settings.MODEL_ROUTE]
