"""From what happens to an escalation to the pages that listen."""

from collections.abc import Mapping
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from conversations.models import Escalation
from omnicqm.common.logs import get_logger
from omnicqm.console.live.frames import escalation_frame

log = get_logger(__name__)

GROUP = "console.live"
TASK = "console.escalation_show"


def escalation_show(event: Mapping[str, Any]) -> None:
    """Tell all pages what happened: `event` is the payload of ``escalation.changed``.

    A hint: a broker that does not answer is logged, and the pages find out when they read again.
    """
    related = "assignee", "conversation"
    escalation = Escalation.objects.select_related(*related).filter(pk=event["escalation_id"]).first()
    if escalation is None:
        return  # erased meanwhile
    frame = escalation_frame(escalation, str(event["kind"]), event.get("user_id"))
    try:
        get_channel_layer().group_publish(GROUP, {"type": "console.frame", "frame": frame})
    except (RedisError, OSError) as error:
        log.warning("console_event_not_sent", escalation=escalation.pk, error=type(error).__name__)
