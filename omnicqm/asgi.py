"""What daphne serves: pages and API over HTTP, the customers' chat over websockets."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")

application = ProtocolTypeRouter({"http": get_asgi_application()})
