"""Typed readers of the environment. Only settings read it, and only through these.

A value of the wrong form raises `ConfigurationError` with the variable's name and what it should look like.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from omnicqm.common.errors import ConfigurationError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
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

    def names(self, name: str, known: tuple[str, ...]) -> dict[str, str]:
        """How each `known` name is called elsewhere: ``known=elsewhere``, separated by commas; the others as here."""
        given = dict(word.partition("=")[::2] for word in self.words(name))
        if wrong := [word for word in given if word not in known or not given[word]]:
            told = f"{name} holds '{wrong[0]}', which is not of the form name=attribute"
            raise ConfigurationError(f"{told} with one of the names {', '.join(known)}.", param=name)
        return {one: given.get(one, one) for one in known}

    def places(self, name: str) -> tuple[str, ...]:
        """A list of ``host:port``, separated by commas or white space."""
        for place in self.words(name):
            host, _, port = place.rpartition(":")
            if not host or "/" in host or not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
                told = f"{name} holds '{place}', which is not host:port, e.g. 127.0.0.1:9000."
                raise ConfigurationError(f"{told} Separate several by commas.", param=name)
        return self.words(name)

    def address(self, name: str, schemes: tuple[str, ...], default: str) -> str:
        """A URL with one of `schemes` and a host."""
        value = self.text(name, default)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            fits = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number, a password with an unescaped bracket
            fits = False
        if not fits:
            form = f"{schemes[0]}://user:password@host:port/name"
            raise ConfigurationError(
                f"{name} is not of the form {form}. Special characters in a password are written as %XX.", param=name
            )
        return value

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()


def env_file_apply(file: Path) -> None:
    """Set the variables of `file` (lines ``NAME=value``, ``#`` comments) that the environment does not set itself.

    A value may stand in quotes. Raises `ConfigurationError` for a line of another form.
    """
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ConfigurationError(f"{file}, line {number}: write NAME=value.", param=file.name)
        name, value = match.groups()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        os.environ.setdefault(name, value)
