"""Where the queue lives."""

from django.urls import path

from omnicqm.console.queue.views import act_view, next_view, queue_view, rows_view

app_name = "queue"
urlpatterns = [
    path("", queue_view, name="page"),
    path("rows/", rows_view, name="rows"),
    path("act/", act_view, name="act"),
    path("next/", next_view, name="next"),
]
