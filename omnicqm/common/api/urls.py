from django.urls import path

from omnicqm.common.api.docs import ApiDocsView, SchemaView
from omnicqm.common.api.health import healthz, readyz
from omnicqm.common.api.oauth import TokenView

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("oauth/token", TokenView.as_view(), name="oauth-token"),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", ApiDocsView.as_view(url_name="schema"), name="api-docs"),
]
