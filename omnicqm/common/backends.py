"""One loader for every swappable part: embedders, model providers, adapters, later speech and files.

Settings hold ``{alias: {"BACKEND": "dotted.path.Class", "OPTIONS": {...}}}``; the class is built once per process.
"""

import threading
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from omnicqm.common.errors import ConfigurationError

_building = threading.RLock()  # a cache alone lets threads that come at once build one each


def backend_get(setting: str, alias: str) -> Any:
    """The instance behind `alias` of the settings dictionary named `setting`, e.g. ``("EMBEDDERS", "local")``.

    Raises `ConfigurationError` that names the alias and the known ones, or the import that failed.
    """
    with _building:
        return _backend_build(setting, alias)


@cache
def _backend_build(setting: str, alias: str) -> Any:
    known = getattr(settings, setting)
    if alias not in known:
        raise ConfigurationError(f"{setting} has no '{alias}'. Known: {', '.join(sorted(known))}.", param=setting)
    entry = known[alias]
    try:
        factory = import_string(entry["BACKEND"])
    except ImportError as error:
        raise ConfigurationError(
            f"{setting}['{alias}'] cannot be imported from {entry['BACKEND']}: {error}.", param=setting
        ) from error
    return factory(**entry.get("OPTIONS", {}))


def _forget_backends(**_: object) -> None:
    _backend_build.cache_clear()


setting_changed.connect(_forget_backends)  # tests that override a setting get a fresh instance
