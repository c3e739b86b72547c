"""Where a request comes from, directly and through a proxy."""

import pytest
from asgiref.sync import async_to_sync

from omnicqm.common.networks import ForwardedClient


def client_seen(*forwarded: bytes, client=("10.0.0.1", 5000)):
    seen = {}

    async def application(scope, receive, send):
        seen.update(scope)

    headers = [(b"host", b"x"), *((b"x-forwarded-for", value) for value in forwarded)]
    async_to_sync(ForwardedClient(application))({"type": "http", "headers": headers, "client": client}, None, None)
    return seen["client"][0]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([b"192.0.2.7"], "192.0.2.7"),
        ([b"203.0.113.1, 192.0.2.7"], "192.0.2.7"),
        ([b"203.0.113.1", b"192.0.2.7"], "192.0.2.7"),
        ([b"2001:db8::1"], "2001:db8::1"),
        ([], "10.0.0.1"),
        ([b"nonsense"], "10.0.0.1"),
        ([b""], "10.0.0.1"),
        ([b"192.0.2.7, "], "10.0.0.1"),
    ],
)
def test_the_address_our_proxy_wrote_is_believed_and_no_other(forwarded, address):
    assert client_seen(*forwarded) == address
