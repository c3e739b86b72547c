"""The content security policy of the console.

Every page of ours keeps the strict policy of settings. django-unfold is built on Alpine.js, which evaluates the
expressions in its attributes, and on inline styles: both are allowed on its pages, below /admin/ and /analytics/, and
nowhere else. What of them is ours needs neither. Sources stay our own: nothing may be loaded from, or sent to, another
host.
"""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

_OURS = "/analytics/"
_RELAXED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class ConsolePolicyMiddleware:
    """Widens the policy of django-unfold's pages; stands after `csp.middleware.CSPMiddleware`, which reads the mark."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith((reverse("admin:index"), _OURS)):
            response._csp_update = _RELAXED  # type: ignore[attr-defined]
        return response
