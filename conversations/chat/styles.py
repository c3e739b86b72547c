"""The chat page brings its styles along: on a slow line it is seen a round trip earlier than with a file of styles.

Its policy allows exactly this text, by its hash. (A nonce would differ in the page that the script fetches to read the
list of conversations from, and the browser would complain.)
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe

_FILES = ("chat/base.css", "chat/chat.css")


@cache
def style_text() -> SafeString:
    """What stands in the page's ``<style>``, to the letter."""
    return mark_safe("\n".join(map(_read, _FILES)))  # noqa: S308 - files of our own


def style_allow(response: HttpResponse) -> None:
    """Mark `response` for `csp.middleware.CSPMiddleware`, as that package's decorators do."""
    digest = base64.b64encode(hashlib.sha256(style_text().encode()).digest()).decode()
    response._csp_update = {"style-src": [f"'sha256-{digest}'"]}  # type: ignore[attr-defined]


def _read(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(f"There is no static file '{name}'.")
    return Path(path).read_text(encoding="utf-8")
