"""Every error of the API in one shape: ``application/problem+json``.

    {type, title, status, code, detail, param?, request_id}

`code` is stable and machine-readable; `param` is the field to change, such as ``attachments[0].name``; `request_id` is
the correlation id of the request, to quote when asking for help.
"""

import sys
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from omnicqm.common.correlation import correlation_get
from omnicqm.common.errors import OmniError
from omnicqm.common.logs import get_logger
from omnicqm.common.text import line_clean
from omnicqm.common.tracebacks import exception_name

log = get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
_PREFIXES = ("/api/", "/oauth/", "/healthz", "/readyz", "/metrics")
_RETRY_AFTER = 5  # seconds
_PASSING = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_OUR_FAULT = "Something went wrong on our side. It has been logged."
_NO_FIELD = "non_field_errors"


def problem(status: int, code: str, detail: str, param: str | None = None, **more: Any) -> dict[str, Any]:
    """A problem document. Texts that echo the caller are cleaned and cut; `more` are members of one kind of problem."""
    document = {
        "type": f"urn:omnicqm:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": line_clean(detail)[:1000],
        **({"param": line_clean(param)[:200]} if param else {}),
        "request_id": correlation_get(),
    }
    return document | more


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None for a programming error, which Django turns into a 500 by `server_error`."""
    answer = _answer(error)
    if answer is None:
        return None
    document, headers = answer
    set_rollback()
    _note(error, document)
    return Response(document, status=document["status"], headers=headers, content_type=CONTENT_TYPE)


def problem_response(error: Exception) -> JsonResponse | None:
    """`problem_handler` for views without DRF. None for a programming error, which is to be raised on."""
    answer = _answer(error)
    if answer is None:
        return None
    document, headers = answer
    _note(error, document)
    return _respond(document, headers)


def _note(error: Exception, document: dict[str, Any]) -> None:
    """What is merely away or busy is told in a line: by the hundred a second, tracebacks would keep it so."""
    if document["status"] in _PASSING:
        causes = {"cause": exception_name(error.__cause__)} if error.__cause__ else {}
        log.warning("request_put_off", code=document["code"], error=exception_name(error), **causes)
    elif document["status"] >= 500:
        log.error("request_failed", code=document["code"], error=type(error).__name__, exc_info=error)


def _answer(error: BaseException) -> tuple[dict[str, Any], dict[str, str]] | None:
    match error:
        case OmniError():
            return problem(error.status, error.code, error.message, error.param), _retry_headers(error)
        case ValidationError():
            param, detail = _first(error.detail)
            return problem(error.status_code, detail.code or "invalid", str(detail), param), {}
        case APIException():
            code = error.get_codes() if isinstance(error.detail, str) else error.default_code
            return problem(error.status_code, str(code), str(error.detail)), _api_headers(error)
        case OperationalError() | InterfaceError():
            detail = "The database does not answer. Try again in a moment."
            return problem(503, "unavailable", detail), {"Retry-After": str(_RETRY_AFTER)}
        case _:
            known = _django_problem(error)
            return (known, {}) if known else None


def _django_problem(error: BaseException) -> dict[str, Any] | None:
    match error:
        case RequestDataTooBig():
            return problem(413, "body_too_large", "The body is too large.")
        case SuspiciousOperation():
            return problem(400, "invalid", "The request is malformed.")
        case Http404():
            return problem(404, "not_found", "There is nothing at this address.")
        case PermissionDenied():
            return problem(403, "not_allowed", "This is not allowed.")
        case _:
            return None


def _first(detail: Any, path: str = "") -> tuple[str, Any]:
    """The first field error in DRF's nested detail, with its path such as ``attachments[0].name``."""
    if isinstance(detail, dict):
        key, inner = next(iter(detail.items()))
        if key == _NO_FIELD:
            return _first(inner, path)
        if isinstance(key, int):  # DRF 3.16+ reports a list's items by index
            return _first(inner, f"{path}[{key}]")
        return _first(inner, f"{path}.{key}" if path else str(key))
    if isinstance(detail, list):
        index = next(i for i, item in enumerate(detail) if item)
        inner = detail[index]
        return _first(inner, f"{path}[{index}]") if isinstance(inner, dict | list) else (path, inner)
    return path, detail


def _retry_headers(error: OmniError) -> dict[str, str]:
    seconds = getattr(error, "retry_after", None) or (_RETRY_AFTER if error.transient else None)
    return {"Retry-After": str(seconds)} if seconds else {}


def _api_headers(error: APIException) -> dict[str, str]:
    challenge = getattr(error, "auth_header", None)
    wait = getattr(error, "wait", None)
    return ({"WWW-Authenticate": challenge} if challenge else {}) | ({"Retry-After": str(int(wait))} if wait else {})


# --- Django's own error views, named by handler400 … handler500 of the root URLconf ----------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    return _respond(_django_problem(exception) or problem(400, "invalid", "The request is malformed."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.permission_denied(request, exception)
    return _respond(problem(403, "not_allowed", "This is not allowed."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _respond(problem(404, "not_found", "There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    if not _is_api(request):
        return defaults.server_error(request)
    error = sys.exception()
    document, headers = (error and _answer(error)) or (problem(500, "error", _OUR_FAULT), {})
    return _respond(document, headers)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(_PREFIXES)


def _respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse(document, status=document["status"], content_type=CONTENT_TYPE, headers=headers)
