"""Where a request comes from, as limits count it."""

import ipaddress

from django.http import HttpRequest

UNKNOWN = "unknown"


def network_of(request: HttpRequest) -> str:
    """The network of the address that `request` came from; see `network_named`."""
    return network_named(request.META.get("REMOTE_ADDR", ""))


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
