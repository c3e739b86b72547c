"""Where a request comes from, as limits count it."""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.http import HttpRequest

UNKNOWN = "unknown"


def network_of(request: HttpRequest) -> str:
    """The network of the address that `request` came from; see `network_named`."""
    return network_named(request.META.get("REMOTE_ADDR", ""))


def network_of_scope(scope: Mapping[str, Any]) -> str:
    """The same for a websocket."""
    return network_named((scope.get("client") or [""])[0])


def network_named(address: str) -> str:
    """The address itself for IPv4; for IPv6 its /64, of which one household has every address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class ForwardedClient:
    """Behind a proxy of ours every connection comes from the proxy: who is behind it stands last in X-Forwarded-For.

    What stands before that was written by the client itself and is not believed. For HTTP and websockets alike.
    """

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        forwarded = [value for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
        address = forwarded[-1].decode("latin-1").rpartition(",")[2].strip() if forwarded else ""
        if network_named(address) != UNKNOWN:
            scope = {**scope, "client": [address, 0]}
        await self.application(scope, receive, send)
