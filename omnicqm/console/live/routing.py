"""Where the console's websocket lives."""

from django.urls import path

from omnicqm.console.live.consumers import ConsoleConsumer

console_urlpatterns = [path("ws/console", ConsoleConsumer.as_asgi())]
