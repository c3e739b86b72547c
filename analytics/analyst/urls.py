"""Below /analytics/ask/. Who is not signed in as staff is asked to."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.urls import URLPattern, path

from analytics.analyst import views

app_name = "analyst"


def _staff(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    wrapped: Any = admin.site.admin_view(view)
    return path(address, wrapped, name=name)


urlpatterns = [
    _staff("", views.ask_page, "ask"),
    _staff("answer", views.ask_answer, "answer"),
    _staff("table.csv", views.ask_csv, "csv"),
    _staff("pin", views.ask_pin, "pin"),
]
