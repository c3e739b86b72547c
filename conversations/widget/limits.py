"""How often widgets may be opened: by key, by origin and by network. Messages have their limits in the chat itself."""

from conversations.chat.limits import limit_take
from conversations.models import WidgetKey

FRAMES_PER_NETWORK = 120  # a minute: an office behind one address opens many pages
SESSIONS_PER_NETWORK = 60  # in ten minutes
IDENTIFIES_PER_NETWORK = 60  # a minute
IDENTIFIES_PER_VISITOR = 20  # a minute


def frame_count(*, key: WidgetKey, origin: str, network: str) -> None:
    """A page opens the widget. Raises `RateLimited`. One origin cannot use up what the others need."""
    share = key.frames_per_minute if len(key.origins) == 1 else max(key.frames_per_minute * 3 // 4, 1)
    limit_take(name="widget-network", key=network, most=FRAMES_PER_NETWORK, seconds=60)
    limit_take(name="widget-origin", key=f"{key.pk}:{origin}", most=share, seconds=60)
    limit_take(name="widget-key", key=key.pk, most=key.frames_per_minute, seconds=60)


def session_count(*, network: str) -> None:
    """A browser without a session asks for one. Raises `RateLimited`."""
    limit_take(name="widget-session", key=network, most=SESSIONS_PER_NETWORK, seconds=600)


def identify_count(*, visitor: str, network: str) -> None:
    """A page says who its visitor is. Raises `RateLimited`."""
    limit_take(name="widget-identify", key=visitor, most=IDENTIFIES_PER_VISITOR, seconds=60)
    limit_take(name="widget-identify-network", key=network, most=IDENTIFIES_PER_NETWORK, seconds=60)
