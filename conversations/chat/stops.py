"""A customer's wish that a reply being written is not finished. Whoever writes it asks between two sentences."""

from django.core.cache import cache
from redis.exceptions import RedisError

from omnicqm.common.logs import get_logger

log = get_logger(__name__)

_SECONDS = 600


def stop_request(*, conversation_id: str, run: str) -> None:
    """Ask `run` to stop; heard only if it writes in this conversation. Without the cache the wish is lost."""
    try:
        cache.set(_slot(conversation_id, run), True, timeout=_SECONDS)
    except RedisError as error:
        log.warning("stop_not_kept", error=type(error).__name__)


def stop_requested(*, conversation_id: str, run: str) -> bool:
    """Whether the customer of this conversation has asked `run` to stop."""
    try:
        return bool(cache.get(_slot(conversation_id, run)))
    except RedisError:
        return False


def _slot(conversation_id: str, run: str) -> str:
    return f"chat-stop:{conversation_id}:{run}"
