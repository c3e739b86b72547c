"""Typed readers of the environment. Only settings read it, and only through these.

A value of the wrong form raises `ConfigurationError` with the variable's name and what it should look like.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from omnicqm.common.errors import ConfigurationError

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class Environment:
    """A mapping of strings (by default `os.environ`) read as types. An empty value counts as not set."""

    def __init__(self, values: Mapping[str, str] = os.environ) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ConfigurationError(f"{name} is '{value}'. Set it to one of: {', '.join(choices)}.", param=name)
        return value

    def boolean(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in _TRUE | _FALSE:
            raise ConfigurationError(f"{name} is '{value}'. Set it to 1 or 0.", param=name)
        return value in _TRUE

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ConfigurationError(f"{name} is '{value}'. Set it to a whole number from {low} to {high}.", param=name)
        return number

    def words(self, name: str) -> tuple[str, ...]:
        """A list separated by commas or white space."""
        return tuple(self.text(name).replace(",", " ").split())

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()
