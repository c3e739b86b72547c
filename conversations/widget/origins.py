"""Origins: a scheme, a host and a port, as browsers write them (RFC 6454)."""

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def origin_problem(text: str) -> str:
    """Why pages of `text` could not be allowed, with the remedy; empty when they can."""
    try:
        parts = urlsplit(text.lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"{text} is no origin. Write it like https://www.example.com."
    if "*" in text:
        return f"{text} has a wildcard. Name every origin by itself."
    if parts.scheme not in ("https", "http") or not host or not _is_host(host):
        return f"{text} is no origin. Write it like https://www.example.com."
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return f"{text} is more than an origin. Leave away what follows the host: {_written(parts.scheme, host, port)}."
    if parts.scheme == "http" and not is_local(host):
        return f"{text} is not encrypted. Only https may show the widget; http only on localhost."
    if text.lower() != _written(parts.scheme, host, port):
        return f"Browsers write {text} as {_written(parts.scheme, host, port)}. Write it so."
    return ""


def origin_read(text: str) -> str:
    """`text` if a browser could have written it as the origin of a page; empty otherwise."""
    return text if text and len(text) <= 300 and text == text.lower() and not _malformed(text) else ""


def is_local(host: str) -> bool:
    """Whether `host` is this machine, as browsers see it."""
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def _malformed(text: str) -> bool:
    try:
        parts = urlsplit(text)
        written = _written(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return True
    return parts.scheme not in ("https", "http") or not _is_host(parts.hostname or "") or text != written


def _written(scheme: str, host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}.get(scheme)
    return f"{scheme}://{shown}" + (f":{port}" if port is not None and port != default else "")


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_loopback
