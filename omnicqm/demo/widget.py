"""The demo's widget key: for the shop of `integrations/widget/`, which runs beside the product."""

from dataclasses import dataclass

from conversations.models import Channel, WidgetKey
from conversations.widget.keys import widget_key_create
from omnicqm.demo.credentials import current_base_url

NAME = "Demo shop"
ORIGINS = "http://localhost:8095\nhttp://127.0.0.1:8095"
ACTOR = "system:demo_load"


@dataclass(frozen=True)
class DemoWidget:
    """What the demo's shop needs to show the widget and to sign for its customers."""

    base_url: str
    widget_key: str
    widget_secret: str


def widget_ensure() -> WidgetKey:
    """The demo's key; one that exists is left as its owners have set it."""
    key = WidgetKey.objects.filter(name=NAME).first()
    if key is None:
        key = WidgetKey(
            name=NAME,
            channel=Channel.objects.get(pk="chat"),
            allowed_origins=ORIGINS,
            title="Oak & Ember Home",
            greeting="We answer in seconds",
            colour="#7a3e1d",
        )
        widget_key_create(key=key, actor=ACTOR)
    return key


def widget_read() -> DemoWidget:
    """The demo's key with its signing secret, which only the demo tells twice."""
    key = widget_ensure()
    return DemoWidget(current_base_url(), key.public_key, key.secrets[0])
