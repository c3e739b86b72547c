"""How the console looks: the configuration of django-unfold, imported by settings. Plain data and dotted paths only."""

from typing import Any

from django.templatetags.static import static

_PETROL = {
    "50": "oklch(97.6% .013 205)",
    "100": "oklch(94.2% .03 205)",
    "200": "oklch(89% .055 206)",
    "300": "oklch(81.5% .085 207)",
    "400": "oklch(71.5% .105 209)",
    "500": "oklch(60.5% .103 212)",
    "600": "oklch(50.5% .09 216)",
    "700": "oklch(43.5% .076 220)",
    "800": "oklch(37.5% .063 223)",
    "900": "oklch(32.5% .052 226)",
    "950": "oklch(23.5% .039 229)",
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
    "COLORS": {"primary": _PETROL},
    "STYLES": [lambda request: static("console/console.css")],
    "SCRIPTS": [],
    "DASHBOARD_CALLBACK": "omnicqm.console.home.home_context",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "omnicqm.console.navigation.sidebar",
    },
}
