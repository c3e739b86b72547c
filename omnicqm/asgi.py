"""What daphne serves: pages and API over HTTP, the customers' chat over websockets."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
setup(set_prefix=False)  # which the imports below need

from conversations.chat.routing import websocket_urlpatterns  # noqa: E402
from omnicqm.common.api.direct import DirectHandler  # noqa: E402

pages = DirectHandler()
sockets = SessionMiddlewareStack(URLRouter(websocket_urlpatterns))
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(sockets)})
