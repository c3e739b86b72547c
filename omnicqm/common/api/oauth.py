"""``POST /oauth/token``: client credentials for a token of one hour."""

import hashlib
import json
from base64 import b64decode
from typing import Any

from django.conf import settings
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.models import AbstractApplication
from oauth2_provider.scopes import SettingsScopes
from oauth2_provider.views import TokenView as ToolkitTokenView

from omnicqm.common.api.problems import CONTENT_TYPE, problem
from omnicqm.common.models import ClientGrant
from omnicqm.common.rates import rate_take

_GRANT = "client_credentials"


class GrantedScopes(SettingsScopes):
    """A client may ask for the scopes it was granted, and gets all of them when it names none."""

    def get_available_scopes(
        self, application: AbstractApplication | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        grant = ClientGrant.objects.filter(application=application).first() if application else None
        return list(grant.scopes) if grant else []

    get_default_scopes = get_available_scopes


class TokenView(ToolkitTokenView):
    """The toolkit's endpoint; its errors are problem documents that also hold OAuth's own two members (RFC 6749)."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if refusal := _too_often(request):
            return refusal
        if request.POST.get("grant_type", _GRANT) != _GRANT:  # the toolkit would speak of fields of other grants
            return _as_problem(JsonResponse({"error": "unsupported_grant_type"}, status=400))
        try:
            with transaction.atomic():
                answer = super().post(request, *args, **kwargs)
        except DataError:  # a credential that no column can hold, such as one with NUL, is nobody's
            answer = JsonResponse({"error": "invalid_client"}, status=401)
        return answer if answer.status_code < 400 else _as_problem(answer)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = super().http_method_not_allowed(request, *args, **kwargs)
        document = problem(405, "method_not_allowed", "Ask for a token with POST.")
        return JsonResponse(document, status=405, content_type=CONTENT_TYPE, headers={"Allow": refusal["Allow"]})


def _too_often(request: HttpRequest) -> HttpResponse | None:
    """A 429 when somebody tries secrets, or asks for a token with every call: those are good for an hour."""
    address = request.META.get("REMOTE_ADDR", "unknown")
    client = hashlib.sha256(_client_id(request).encode("utf-8", "replace")).hexdigest()[:32]
    limits = settings.TOKEN_REQUESTS_PER_MINUTE
    for key, limit in ((f"{address}:{client}", limits["client"]), (address, limits["address"])):
        rate = rate_take(key=f"token:{key}", limit=limit)
        if rate and not rate.allowed:
            detail = f"Too many tokens were asked for. A token is good for an hour. Try again in {rate.retry_after} s."
            document = problem(429, "rate_limited", detail, error="rate_limited", error_description=detail)
            headers = {"Cache-Control": "no-store", "Retry-After": str(rate.retry_after), **rate.headers}
            return JsonResponse(document, status=429, content_type=CONTENT_TYPE, headers=headers)
    return None


def _client_id(request: HttpRequest) -> str:
    """What the caller says it is, before anything is checked."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.POST.get("client_id", "")
    try:
        return b64decode(credentials).decode("utf-8", "replace").partition(":")[0]
    except ValueError:
        return ""


_EXPLANATIONS = {
    "invalid_client": "The client_id or client_secret is wrong. Send them in the form body or as Basic credentials.",
    "unsupported_grant_type": "Send grant_type=client_credentials as a form field.",
    "invalid_scope": "One of the scopes does not exist or is not granted to this client.",
    "unauthorized_client": "This client may not use client credentials.",
}


def _as_problem(answer: HttpResponse) -> HttpResponse:
    try:
        told = json.loads(answer.content)
    except ValueError:
        told = {}
    code = str(told.get("error", "invalid_request"))
    detail = _EXPLANATIONS.get(code) or str(told.get("error_description") or "The token request is malformed.")
    document = problem(answer.status_code, code, detail, error=code, error_description=detail)
    challenge = {"WWW-Authenticate": 'Basic realm="oauth"'} if answer.status_code == 401 else {}
    headers = {"Cache-Control": "no-store", **challenge}
    return JsonResponse(document, status=answer.status_code, content_type=CONTENT_TYPE, headers=headers)
