"""Every address of the product, app by app. Below the API's paths every error is a problem document."""

from django.contrib import admin
from django.urls import include, path

from omnicqm.prometheus.views import MetricsView

urlpatterns = [
    path("admin/queue/", include("omnicqm.console.queue.urls")),
    path("admin/autonomy/", include("omnicqm.console.autonomy.urls")),
    path("admin/learning/", include("omnicqm.console.learning.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("conversations.api.urls")),
    path("api/v1/", include("feedback.api.urls")),
    path("api/v1/", include("analytics.analyst.api.urls")),
    path("analytics/ask/", include("analytics.analyst.urls")),
    path("", include("knowledge.urls")),
    path("", include("omnicqm.common.api.urls")),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("", include("feedback.chat_urls")),
    path("", include("analytics.urls")),
    path("", include("conversations.widget.urls")),
    path("", include("conversations.chat.urls")),
]

handler400 = "omnicqm.common.api.problems.bad_request"
handler403 = "omnicqm.common.api.problems.permission_denied"
handler404 = "omnicqm.common.api.problems.page_not_found"
handler500 = "omnicqm.common.api.problems.server_error"
