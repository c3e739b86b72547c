"""What daphne serves: pages and API over HTTP, the customers' chat over websockets."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
pages = get_asgi_application()  # sets Django up, which the imports below need

from conversations.chat.routing import websocket_urlpatterns  # noqa: E402

sockets = SessionMiddlewareStack(URLRouter(websocket_urlpatterns))
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(sockets)})
