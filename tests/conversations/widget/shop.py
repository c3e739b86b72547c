"""A shop that has the widget on its pages, and signs for its customers."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from conversations.models import WidgetKey
from conversations.widget.keys import widget_key_create
from tests.conversations.people import channel_get

SHOP = "https://www.shop.example"
BLOG = "https://blog.shop.example"


def key_make(name: str = "Shop", *, origins: str = f"{SHOP}\n{BLOG}", **fields: Any) -> tuple[WidgetKey, str]:
    """A key and its signing secret."""
    key = WidgetKey(name=name, channel=channel_get("chat"), allowed_origins=origins, **fields)
    secret = widget_key_create(key=key, actor="user:1")
    return key, secret


def claims_make(key: WidgetKey, **changes: Any) -> dict[str, Any]:
    """What the shop's server says of its customer 17; None leaves a claim out."""
    now = int(time.time())
    claims = {"sub": "17", "aud": key.public_key, "iat": now, "exp": now + 300, "jti": secrets.token_hex(8), **changes}
    return {name: value for name, value in claims.items() if value is not None}


def sign(claims: Any, secret: str, **header: str) -> str:
    """A JSON web token, made without the library that checks it."""
    head = {"alg": "HS256", "typ": "JWT", **header}
    signed = f"{_packed(json.dumps(head).encode())}.{_packed(json.dumps(claims).encode())}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_packed(digest)}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
