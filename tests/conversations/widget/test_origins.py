"""Which pages may show the widget: origins as browsers write them, https but for this machine."""

import pytest

from conversations.widget.origins import origin_problem, origin_read


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.com",
        "https://example.com:8443",
        "https://xn--bcher-kva.example",
        "http://localhost",
        "http://localhost:8095",
        "http://127.0.0.1:8095",
        "http://[::1]:8095",
        "http://shop.localhost:3000",
    ],
)
def test_these_may(origin):
    assert origin_problem(origin) == ""
    assert origin_read(origin) == origin


@pytest.mark.parametrize(
    ("origin", "remedy"),
    [
        ("http://www.example.com", "https"),
        ("https://www.example.com/", "https://www.example.com."),
        ("https://www.example.com/shop", "https://www.example.com."),
        ("https://www.example.com?x", "https://www.example.com."),
        ("https://a@www.example.com", "https://www.example.com."),
        ("https://www.example.com:443", "https://www.example.com"),
        ("https://*.example.com", "by itself"),
        ("*", "by itself"),
        ("www.example.com", "https://www.example.com"),
        ("null", "https://"),
        ("file://x", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://", "https://"),
        ("https://exa mple.com", "https://"),
        ("https://example.com;script-src", "https://"),
        ("https://example.com'", "https://"),
        ("https://[::1", "https://"),
        ("https://example.com:99999", "https://"),
        ("http://localhost.evil.example", "https"),
        ("http://127.0.0.1.evil.example", "https"),
    ],
)
def test_these_may_not_and_the_error_says_what_to_write(origin, remedy):
    assert remedy in origin_problem(origin)


@pytest.mark.parametrize(
    "text", ["", "null", "https://a.example/x", "x" * 400, "https://A.example", "https://a b", "//a.example"]
)
def test_what_a_page_claims_is_an_origin_or_nothing(text):
    assert origin_read(text) == ""
