"""Every table staff may see, one module for each group of the sidebar. Django's autodiscovery imports this package.

Only the console registers pages, because only it may import all apps (`knowledge` registers its own). What libraries
have registered is taken off the site first: their tables are details of ours.
"""

from django.contrib import admin

_LIBRARIES = {"auth", "axes", "django_celery_beat", "oauth2_provider"}

for _model in [model for model in admin.site._registry if model._meta.app_label in _LIBRARIES]:
    admin.site.unregister(_model)

from omnicqm.console.admin import (  # noqa: E402
    accounts,
    alerts,
    clients,
    crm,
    desk,
    feedback,
    follow_ups,
    http_tools,
    insights,
    learning,
    locks,
    people,
    runs,
    settings,
    threads,
    trail,
    widgets,
    work,
)

__all__ = [
    "accounts",
    "alerts",
    "clients",
    "crm",
    "desk",
    "feedback",
    "follow_ups",
    "http_tools",
    "insights",
    "learning",
    "locks",
    "people",
    "runs",
    "settings",
    "threads",
    "trail",
    "widgets",
    "work",
]
