"""A client of the API inside the test process: its token is made directly, everything else is the product's own."""

import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from omnicqm.common.services import api_client_create

PROBLEM = "application/problem+json"


class ApiClient:
    """Speaks as one API client; answers are Django's, with `.json()`."""

    def __init__(self, scopes: list[str] | None = None, *, expired: bool = False) -> None:
        created = api_client_create(name="tests", scopes=scopes)
        self.client_id, self.client_secret = created.client_id, created.client_secret
        self.token = secrets.token_urlsafe(20)
        get_access_token_model().objects.create(
            application=get_application_model().objects.get(client_id=self.client_id),
            token="",
            token_checksum=hashlib.sha256(self.token.encode()).hexdigest(),
            scope=" ".join(settings.API_SCOPES if scopes is None else scopes),
            expires=timezone.now() + timedelta(seconds=-1 if expired else 3600),
        )
        self._http = Client(raise_request_exception=False)

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> HttpResponse:
        """POST `body` as JSON, or the bytes `raw` as they are. Header names are written with underscores."""
        content = raw if raw is not None else json.dumps(body).encode()
        return self._http.post(path, content, content_type="application/json", headers=self._headers(headers))

    def get(self, path: str, **parameters: Any) -> HttpResponse:
        return self._http.get(path, parameters, headers=self._headers({}))

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} | {n.replace("_", "-"): v for n, v in headers.items()}


def problem_of(answer: HttpResponse) -> dict[str, Any]:
    """The problem document of an error answer, after checking that it has the one shape."""
    assert answer["Content-Type"] == PROBLEM, (answer.status_code, answer.content[:500])
    document = answer.json()
    assert {"type", "title", "status", "code", "detail", "request_id"} <= set(document)
    assert document["status"] == answer.status_code
    assert document["request_id"] == answer["X-Request-Id"]
    return document
