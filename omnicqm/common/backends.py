"""One loader for every swappable part: embedders, model providers, adapters, later speech and files.

Settings hold ``{alias: {"BACKEND": "dotted.path.Class", "OPTIONS": {...}}}``; the class is built once per process.
"""

import threading
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from omnicqm.common.errors import ConfigurationError

_built: dict[tuple[str, str], Any] = {}
_building = threading.RLock()  # threads that come at once would build one each


def backend_get(setting: str, alias: str) -> Any:
    """The instance behind `alias` of the settings dictionary named `setting`, e.g. ``("EMBEDDERS", "local")``.

    Raises `ConfigurationError` that names the alias and the known ones, or the import that failed.
    """
    with _building:
        if (setting, alias) not in _built:
            _built[setting, alias] = _backend_build(setting, alias)
        return _built[setting, alias]


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


def _backends_forget(*, setting: str, **_: object) -> None:
    with _building:
        for key in [key for key in _built if key[0] == setting]:
            del _built[key]


setting_changed.connect(_backends_forget)  # tests that override a setting get fresh instances of what it names
