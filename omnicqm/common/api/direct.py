"""A shorter way to the few views that are called by the hundred at once.

Under ASGI Django makes a thread for every request, and most middleware goes there and back for work without input or
output. Views at ``settings.DIRECT_PATHS`` need neither sessions nor pages nor that thread: they are asynchronous, and
give back what they take. They get what every answer of the API has: correlation id, headers of the rate, security
headers, problem documents, and a host that is ours.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import resolve, set_script_prefix

from omnicqm.common.api.middleware import CorrelationMiddleware
from omnicqm.common.api.rates import rate_headers_middleware

View = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class DirectHandler(ASGIHandler):
    """Django's handler, with a direct way for some paths.

    A caller that leaves does not cancel a direct view: what it has begun serves the next one who asks.
    """

    def __init__(self) -> None:
        super().__init__()
        self._direct: View = CorrelationMiddleware(rate_headers_middleware(_secured))  # type: ignore[assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in settings.DIRECT_PATHS:
            await self._handle_directly(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _handle_directly(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body)
            response = await self._direct(request) if request else refusal
            await self.send_response(response, send)  # type: ignore[arg-type]  # one of the two is there


async def _secured(request: HttpRequest) -> HttpResponseBase:
    response = await _answered(request)
    for middleware in _SECURITY:
        response = middleware.process_response(request, response)
    if isinstance(response, HttpResponse):  # without it, an answer goes out in pieces
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


async def _answer(request: HttpRequest) -> HttpResponseBase:
    request.get_host()  # raises for one that is not ours
    request.resolver_match = match = resolve(request.path_info)
    return await match.func(request, *match.args, **match.kwargs)


def _never(request: HttpRequest) -> HttpResponseBase:
    raise AssertionError("only their headers are wanted")


_answered: View = convert_exception_to_response(_answer)  # type: ignore[assignment]  # asynchronous as its view
_SECURITY: tuple[Any, ...] = (SecurityMiddleware(_never), XFrameOptionsMiddleware(_never))
