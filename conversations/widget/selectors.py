"""Which widget a page means, and what its launcher is told."""

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations.chat.session import Browser
from conversations.models import Message, WidgetKey
from conversations.widget.errors import OriginNotAllowed, WidgetKeyDisabled, WidgetKeyUnknown
from conversations.widget.session import SEEN_KEY, Values

MOST_UNREAD = 99


def widget_key_get(public_key: str) -> WidgetKey:
    """The key. Raises `WidgetKeyUnknown` or `WidgetKeyDisabled`."""
    key = WidgetKey.objects.select_related("channel").filter(public_key=public_key[:40]).first()
    if key is None:
        raise WidgetKeyUnknown("There is no such widget key. Copy the snippet from the console again.", param="key")
    if not key.enabled:
        raise WidgetKeyDisabled("This widget key is switched off in the console.", param="key")
    return key


def origin_check(key: WidgetKey, origin: str) -> None:
    """Raises `OriginNotAllowed` when pages of `origin` may not show the widget of `key`."""
    if origin not in key.origins:
        raise OriginNotAllowed(
            f"Pages of {origin or 'this origin'} may not show this widget. Add the origin to the key in the console.",
            param="origin",
        )


def appearance(key: WidgetKey) -> dict[str, str]:
    """What the launcher needs to know to look as its owners wish."""
    fields = ("title", "greeting", "colour", "position", "language")
    return {**{name: getattr(key, name) for name in fields}, "ink": _ink(key.colour)}


def unread_count(browser: Browser | None, session: Values) -> int:
    """How many replies nobody has seen in this widget; 0 for a browser that has not said anything."""
    if browser is None or browser.customer is None:
        return 0
    seen = parse_datetime(session.get(SEEN_KEY, "")) or timezone.now()
    replies = Message.objects.filter(
        Q(author=Message.Author.ASSISTANT) | Q(author=Message.Author.CONSULTANT),
        conversation__customer=browser.customer,
        direction=Message.Direction.OUTBOUND,
        received_at__gt=seen,
    )
    return replies[:MOST_UNREAD].count()


def has_thread(browser: Browser | None) -> bool:
    """Whether a reply may still come in to this browser, so that asking again is worth it."""
    return browser is not None and browser.customer is not None


def _ink(colour: str) -> str:
    """Black or white, whichever is read more easily on `colour` (relative luminance of WCAG 2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"
