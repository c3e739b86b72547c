"""Below /analytics/. Who is not signed in as staff is asked to."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, path

from analytics.dashboards import views

app_name = "dashboards"


def _staff(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    wrapped: Any = admin.site.admin_view(view)
    return path(address, wrapped, name=name)


urlpatterns = [
    _staff("pinned/", views.pinned_page, "pinned"),
    _staff("pinned/<id:pin_id>.csv", views.pin_csv, "pin-csv"),
    _staff("pinned/<id:pin_id>/", views.pin_change, "pin"),
    _staff("<slug:name>/", views.dashboard_page, "page"),
    _staff("<slug:name>/<slug:panel>.csv", views.panel_csv, "csv"),
]
