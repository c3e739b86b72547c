"""What the first summaries of a process would wait for, all at the same time."""

import time
from typing import cast

from django.utils import timezone

from agents.privacy import Vault
from agents.providers.base import ModelProvider
from agents.routing.stops import route_build
from agents.summary import summary_parse
from conversations.insights.generation.asking import request_make
from conversations.insights.generation.checks import Evidence, draft_check
from conversations.insights.generation.cleaning import events_clean
from conversations.interactions.types import HistoryEvent
from omnicqm.common.backends import backend_get
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
TEXT = "My order of 3 May has not come, it cost $48.90. Please call me on +1 213 555 0101."


def summaries_prepare() -> None:
    """Load clients, cues, word lists and tokenizer (some seconds): the embedded engine summarises an event of ours.

    No other model is asked, nothing is written, and what is wrong with the configuration is told in the log.
    """
    try:
        for stop in route_build():
            if stop.guards:
                stop.provider.prepare()
        _summarise(HistoryEvent("", timezone.now(), "phone", "customer", "", TEXT, "", None, ""))
    except OmniError as error:
        log.warning("summaries_not_prepared", reason=error.message)


def _summarise(event: HistoryEvent) -> None:
    events = events_clean((event,)).events
    request = request_make(events, intent="delivery", today=timezone.localdate(), deadline=time.monotonic() + 60)
    Vault().hide(event.text)
    reply = cast(ModelProvider, backend_get("MODEL_PROVIDERS", "local")).converse(request)
    draft_check(summary_parse(reply.text), Evidence(events))
