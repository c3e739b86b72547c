"""What web processes serve: pages and API over HTTP, customers' chat and the console's news over websockets."""

import os
import threading
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django import setup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
setup(set_prefix=False)  # which the imports below need

from django.conf import settings  # noqa: E402

from conversations.chat.routing import websocket_urlpatterns  # noqa: E402
from conversations.insights.generation.preparing import summaries_prepare  # noqa: E402
from conversations.widget.sockets import widget_urlpatterns  # noqa: E402
from omnicqm.common.api.direct import DirectHandler  # noqa: E402
from omnicqm.common.networks import ForwardedClient  # noqa: E402
from omnicqm.common.startup import loaded_keep  # noqa: E402
from omnicqm.console.live.routing import console_urlpatterns  # noqa: E402

pages = DirectHandler()
sockets = SessionMiddlewareStack(URLRouter([*widget_urlpatterns, *console_urlpatterns, *websocket_urlpatterns]))
application: Any = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(sockets)})
if settings.BEHIND_PROXY:
    application = ForwardedClient(application)


def _prepare() -> None:
    summaries_prepare()
    loaded_keep()


if settings.INSIGHTS_PREPARED:  # meanwhile it answers already
    threading.Thread(target=_prepare, name="insights-prepare", daemon=True).start()
