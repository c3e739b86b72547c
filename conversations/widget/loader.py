"""``/widget/v1.js``: one small file for any page, compressed once, and kept by browsers and proxies for a while."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

# Whoever has it uses it for ten minutes, and for a week when we do not answer: then it says that the chat is away.
CACHE = "public, max-age=600, stale-while-revalidate=86400, stale-if-error=604800"
FILE = Path(settings.BASE_DIR) / "static" / "widget" / "v1.js"


@dataclass(frozen=True)
class Loader:
    plain: bytes
    packed: bytes
    etag: str


@lru_cache(maxsize=1)
def loader_read() -> Loader:
    plain = FILE.read_bytes()
    return Loader(plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:20])


def loader_response(request: HttpRequest) -> HttpResponse:
    loader, packed = loader_read(), "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{loader.etag}{"-gz" if packed else ""}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(
            loader.packed if packed else loader.plain, content_type="text/javascript; charset=utf-8"
        )
        if packed:
            response["Content-Encoding"] = "gzip"
    response["ETag"], response["Cache-Control"] = etag, CACHE
    response["Access-Control-Allow-Origin"] = "*"  # for pages that include it with an integrity hash
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
