"""Pages below /analytics/."""

from django.urls import include, path

urlpatterns = [
    path("analytics/", include("analytics.dashboards.urls")),
]
