"""What every request gets: a correlation id, and a body length where the sender gave none."""

import os
import time
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from omnicqm.common.correlation import correlation_bound
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

HEADER = "X-Request-Id"
_NOT_LOGGED = ("/healthz", "/readyz")


class CorrelationMiddleware:
    """Takes over a sane ``X-Request-Id`` or makes one; logs one line a request, without query string or content.

    Speaks both ways, so that an asynchronous stack stays asynchronous.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._answer_later(request)
        started = time.monotonic()
        with correlation_bound(request.headers.get(HEADER, "")) as correlation_id:
            response = self.get_response(request)
            return _finish(request, response, correlation_id, started)  # type: ignore[arg-type]

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        with correlation_bound(request.headers.get(HEADER, "")) as correlation_id:
            response = await self.get_response(request)  # type: ignore[misc]
            return _finish(request, response, correlation_id, started)


def _finish(request: HttpRequest, response: HttpResponse, correlation_id: str, started: float) -> HttpResponse:
    response[HEADER] = correlation_id
    if request.path not in _NOT_LOGGED:
        route = request.resolver_match.route if request.resolver_match else ""
        milliseconds = round((time.monotonic() - started) * 1000)
        log.info("http_answered", method=request.method, route=route, status=response.status_code, ms=milliseconds)
    return response


@sync_and_async_middleware
def body_length_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Tell the length of a body that came in chunks: without one, parsers take the body for empty."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            _length_tell(request)
            return await get_response(request)

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        _length_tell(request)
        return get_response(request)

    return answer


def _length_tell(request: HttpRequest) -> None:
    """Under ASGI the body has been received before the request exists, into a file that knows its size."""
    body = getattr(request, "_stream", None)
    if "CONTENT_LENGTH" in request.META or not isinstance(body, SpooledTemporaryFile):
        return
    request.META["CONTENT_LENGTH"] = str(body.seek(0, os.SEEK_END))
    body.seek(0)
