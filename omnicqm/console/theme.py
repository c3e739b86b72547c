"""How the console looks: the configuration of django-unfold, imported by settings. Plain data and dotted paths only."""

from typing import Any

from django.templatetags.static import static

# The chat's accent is its 700.
_TEAL = {
    "50": "oklch(97.6% .012 185)",
    "100": "oklch(94.2% .028 185)",
    "200": "oklch(89% .05 185)",
    "300": "oklch(81.5% .078 185)",
    "400": "oklch(74% .09 186)",
    "500": "oklch(60.5% .09 187)",
    "600": "oklch(49.5% .08 188)",
    "700": "oklch(43.3% .071 189)",
    "800": "oklch(37.5% .06 190)",
    "900": "oklch(32.5% .05 191)",
    "950": "oklch(23.5% .037 192)",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "OmniCQM",
    "SITE_HEADER": "OmniCQM",
    "SITE_SUBHEADER": "Customer conversations",
    "SITE_SYMBOL": "forum",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("chat/icon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": _TEAL},
    "STYLES": [lambda request: static("console/console.css"), lambda request: static("console/people.css")],
    "SCRIPTS": [],
    "ACCOUNT": {"navigation": "omnicqm.console.navigation.account"},
    "DASHBOARD_CALLBACK": "omnicqm.console.home.home_context",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "omnicqm.console.navigation.sidebar",
    },
}
