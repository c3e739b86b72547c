"""API views that wait long: asynchronous, and without the detours through threads that DRF's own views make there."""

import asyncio
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, UnsupportedMediaType
from rest_framework.views import APIView

from omnicqm.common.api.authentication import client_admit
from omnicqm.common.api.parsers import json_read
from omnicqm.common.api.problems import problem_response
from omnicqm.common.errors import ServiceUnavailable, TooLarge
from omnicqm.common.tokens import ClientToken

MAX_BODY_BYTES = 64 * 1024
ADMISSION_SECONDS = 5.0  # so long a database that is away may keep a token from being read


class AsyncAPIView(APIView):
    """A view whose methods are ``async def post(self, request, token)``, with Django's request and the `ClientToken`.

    To callers it is like the others: same token, scopes (`required_scopes` by method), rate and problem documents; to
    the schema generator, too.
    """

    required_scopes: dict[str, list[str]] = {}

    async def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        method = request.method or ""
        try:
            token = await self._admit(request, self.required_scopes.get(method, []))
            if method not in self.required_scopes:
                raise MethodNotAllowed(method)
            return await getattr(self, method.lower())(request, token, *args, **kwargs)
        except Exception as error:
            response = problem_response(error)
            if response is None:
                raise
            if isinstance(error, MethodNotAllowed):
                response["Allow"] = ", ".join(self.required_scopes)
            return response

    async def _admit(self, request: HttpRequest, scopes: list[str]) -> ClientToken:
        try:
            async with asyncio.timeout(ADMISSION_SECONDS):
                return await client_admit(request, scopes=scopes)
        except TimeoutError as error:
            raise ServiceUnavailable("The database does not answer. Try again in a moment.") from error


def json_body(request: HttpRequest, *, limit: int = MAX_BODY_BYTES) -> Any:
    """The JSON value of the body: small, for it is read in the event loop.

    Raises `UnsupportedMediaType` (415), `TooLarge` beyond `limit` bytes, and what `json_read` raises.
    """
    body = request.read(limit + 1)
    if body and request.content_type != "application/json":
        raise UnsupportedMediaType(request.content_type or "")
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 1024} kB.", code="body_too_large")
    return json_read(body)
