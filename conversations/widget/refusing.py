"""The page in the frame of a widget that is not served: it tells the launcher why, and shows nothing."""

from csp.constants import NONE
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from omnicqm.common.errors import OmniError


def refused_page(request: HttpRequest, error: OmniError) -> HttpResponse:
    """Anybody may frame it: it holds nothing of anybody."""
    context = {"code": error.code, "detail": error.message}
    response = render(request, "widget/refused.html", context, status=error.status)
    add_never_cache_headers(response)
    response._csp_replace = {  # type: ignore[attr-defined]
        "frame-ancestors": ["*", "http://localhost:*", "http://127.0.0.1:*"],
        "form-action": [NONE],
    }
    response.xframe_options_exempt = True
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response
