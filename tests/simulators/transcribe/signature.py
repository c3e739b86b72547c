"""Whether an address is signed as AWS asks for: computed here from its description, not with botocore.

Source: AWS General Reference, "Signature Version 4: query parameters"; Transcribe Developer Guide, "Setting up a
websocket stream".
"""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

NEEDED = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)


def signature_problem(path: str, host: str, *, secret: str, region: str) -> str:
    """What is wrong with the signature of the request for `path`; empty when nothing is."""
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if missing := [name for name in NEEDED if name not in query]:
        return f"{missing[0]} is missing"
    given = query.pop("X-Amz-Signature")
    if query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256" or query["X-Amz-SignedHeaders"] != "host":
        return "algorithm or signed headers"
    if not 0 < int(query["X-Amz-Expires"]) <= 300:
        return "it may be valid for 300 seconds at most"
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if abs((datetime.now(UTC) - signed_at).total_seconds()) > int(query["X-Amz-Expires"]):
        return "it has expired"
    day = query["X-Amz-Date"][:8]
    scope = f"{day}/{region}/transcribe/aws4_request"
    if query["X-Amz-Credential"].partition("/")[2] != scope:
        return "the scope of the credential"
    wanted = _signature(parts.path, host, query, scope, secret)
    return "" if hmac.compare_digest(wanted, given) else "the signature itself"


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")


def _signature(path: str, host: str, query: dict[str, str], scope: str, secret: str) -> str:
    canonical_query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query)
    )
    empty = hashlib.sha256(b"").hexdigest()
    request = "\n".join(["GET", path, canonical_query, f"host:{host}\n", "host", empty])
    told = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, told.encode(), "sha256").hex()
