"""Where the queue lives, as links from other pages need it."""

from urllib.parse import urlencode

from django.urls import reverse


def queue_address(tab: str = "", **filters: str) -> str:
    """The queue with this tab and these filters."""
    query = urlencode({name: value for name, value in {"tab": tab, **filters}.items() if value})
    return f"{reverse('queue:page')}{f'?{query}' if query else ''}"
