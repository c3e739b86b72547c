"""Who a customer of the shop is, signed for the chat widget: a JSON web token (RFC 7519), HS256.

Nothing but Python is needed, so that it reads like the same few lines in any other language. In your own shop use the
library you know, e.g. `jwt.encode(claims, secret, algorithm="HS256")`.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time

LIFE = 300  # seconds; ten minutes at most


def token_sign(customer: dict[str, str], *, widget_key: str, widget_secret: str) -> str:
    """A token for one page view. `customer` has the shop's own id as `sub`, and what else the shop vouches for:
    `email` (only one that the customer has confirmed), `account_number`, `name`."""
    now = int(time.time())
    claims = {**customer, "aud": widget_key, "iat": now, "exp": now + LIFE, "jti": secrets.token_urlsafe(16)}
    signed = ".".join(_packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_packed(hmac.new(widget_secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
