"""The widget's addresses. Those below ``widget/session/`` are only there in a frame, below the key's own address."""

from django.urls import path

from conversations.widget import views

app_name = "widget"

urlpatterns = [
    path("widget/v1.js", views.loader, name="loader"),
    path("widget/frame/", views.entrance, name="entrance"),
    path("widget/session/boot/", views.boot, name="boot"),
    path("widget/session/state/", views.state, name="state"),
    path("widget/session/seen/", views.seen, name="seen"),
    path("widget/session/identify/", views.identify, name="identify"),
    path("widget/session/logout/", views.logout, name="logout"),
]
