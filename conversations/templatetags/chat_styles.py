"""Styles within a page: ``<style nonce="…">{% style_text "chat/base.css" %}</style>``."""

from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def style_text(*names: str) -> SafeString:
    """The stylesheets of ours one after the other. On a slow line a page that brings its styles along is seen a round
    trip earlier. Raises FileNotFoundError for a name that is no static file."""
    return mark_safe("\n".join(map(_read, names)))  # noqa: S308 - files of our own


@cache
def _read(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(f"There is no static file '{name}'.")
    return Path(path).read_text(encoding="utf-8")
