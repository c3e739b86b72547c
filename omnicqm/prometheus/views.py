"""The door: a token with the scope, or the one that settings name. Nobody else, from wherever they ask."""

import hmac
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from omnicqm.common.api.authentication import BearerAuthentication
from omnicqm.common.tokens import ClientToken
from omnicqm.prometheus.exposition import CONTENT_TYPE, exposition_write

SCOPE = "metrics:read"
_SCRAPER = ClientToken("prometheus", frozenset({SCOPE}), None, datetime.max.replace(tzinfo=UTC))


class ScraperAuthentication(BaseAuthentication):
    """The token of OMNICQM_METRICS_TOKEN, which opens this door and no other. Without one nobody gets in by it."""

    def authenticate(self, request: Request) -> tuple[None, ClientToken] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = settings.METRICS_TOKEN.encode()
        if scheme.lower() != "bearer" or not known or not hmac.compare_digest(token.strip().encode(), known):
            return None
        return None, _SCRAPER

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="metrics"'


@extend_schema(exclude=True)
class MetricsView(APIView):
    """Prometheus's own text; cheap however often it is asked for."""

    authentication_classes = [ScraperAuthentication, BearerAuthentication]
    required_scopes = [SCOPE]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """Prometheus asks for its own kinds of text; errors are problem documents all the same."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(exposition_write(), content_type=CONTENT_TYPE)
