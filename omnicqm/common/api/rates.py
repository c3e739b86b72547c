"""The rate of a client: 429 beyond it, and on every answer how much is left."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from omnicqm.common.errors import RateLimited
from omnicqm.common.rates import Rate, rate_take, rate_take_async
from omnicqm.common.tokens import ClientToken

_ATTRIBUTE = "omnicqm_rate"


class TooManyRequests(RateLimited):
    """`retry_after` seconds from now one more request is allowed."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def request_count(request: HttpRequest, token: ClientToken) -> None:
    """Count `request`, once however often it is asked. Raises `TooManyRequests` beyond the client's rate.

    The headers of the rate go out with the answer (`rate_headers_middleware`).
    """
    if not hasattr(request, _ATTRIBUTE):
        _check(request, rate_take(**_bucket(token)))


async def request_count_async(request: HttpRequest, token: ClientToken) -> None:
    """`request_count` for asynchronous views."""
    if not hasattr(request, _ATTRIBUTE):
        _check(request, await rate_take_async(**_bucket(token)))


@sync_and_async_middleware
def rate_headers_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Tell on every answer to a client how much of its rate is left."""
    if iscoroutinefunction(get_response):

        async def answer_later(request: HttpRequest) -> HttpResponseBase:
            return _with_headers(request, await get_response(request))

        return answer_later

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _with_headers(request, get_response(request))

    return answer


def _bucket(token: ClientToken) -> dict[str, Any]:
    limit = token.requests_per_minute or settings.API_REQUESTS_PER_MINUTE
    return {"key": f"client:{token.client_id}", "limit": limit, "user": token.client_id}


def _check(request: HttpRequest, rate: Rate | None) -> None:
    setattr(request, _ATTRIBUTE, rate)
    if rate and not rate.allowed:
        raise TooManyRequests(
            f"This client may send {rate.limit} requests a minute. Try again in {rate.retry_after} s.",
            retry_after=rate.retry_after,
        )


def _with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    rate: Rate | None = getattr(request, _ATTRIBUTE, None)
    for name, value in rate.headers.items() if rate else ():
        response[name] = value
    return response
