"""Every door: routes of the URL resolver with GET and POST, actions of the console's lists, websockets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.routing import URLRouter
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern
from django.views.generic import RedirectView

UNKNOWN = "unknown"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_NUMBERS = {"content_type_id": "0"}
_QUERIES = {"admin:autocomplete": "?app_label=conversations&model_name=consultant&field_name=user"}
_NO_ID = "xxx_00000000000000000000000000"


@dataclass(frozen=True)
class Route:
    """One address. `name` is what the table calls it; `form` is what a POST sends to it, when `before` was sent."""

    name: str
    path: str
    methods: tuple[str, ...] = ("GET", "POST")
    form: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None


def routes(samples: dict[str, str]) -> list[Route]:
    """Every route with an address to try it at; `samples` has ids by model label and by name of the parameter."""
    found = {route.name: route for route in _walk(get_resolver(), "", "/", samples)}
    return list(found.values())


def _walk(resolver: URLResolver, namespace: str, prefix: str, samples: dict[str, str]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        written = f"{prefix}{_written(entry)}"
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, written, samples)
        elif isinstance(entry, URLPattern) and getattr(entry.callback, "view_class", None) is not RedirectView:
            yield _route(entry, namespace, written, samples)


def _written(entry: Any) -> str:
    return "" if isinstance(entry.pattern, RegexPattern) else str(entry.pattern)


def _route(entry: URLPattern, namespace: str, written: str, samples: dict[str, str]) -> Route:
    parameters = list(entry.pattern.regex.groupindex) or _PARAMETER.findall(written)
    if not entry.name:
        return Route(written, _PARAMETER.sub(UNKNOWN, written) + ("nowhere" if parameters else ""))
    name = f"{namespace}{entry.name}"
    values = {parameter: _sample(name, parameter, entry, samples) for parameter in parameters}
    return Route(name, reverse(name, kwargs=values) + _QUERIES.get(name, ""))


def _sample(name: str, parameter: str, entry: URLPattern, samples: dict[str, str]) -> str:
    if parameter in samples:
        return samples[parameter]
    of_model = re.match(r"admin:([a-z]+[a-z_0-9]*?)_([a-z]+)_\w+$", name)
    if of_model and parameter in ("object_id", "id"):
        label = next((model._meta.label_lower for model in admin.site._registry if name.startswith(_prefix(model))), "")
        return samples.get(label, UNKNOWN)
    converter = type(entry.pattern.converters.get(parameter)).__name__
    return {"IdConverter": _NO_ID, "IntConverter": "0"}.get(converter, _NUMBERS.get(parameter, UNKNOWN))


def _prefix(model: Any) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_"


def actions(request: Any) -> set[str]:
    """The actions of all lists that the user of `request` is offered."""
    return {
        f"ACTION {model._meta.label_lower} {action}"
        for model, page in admin.site._registry.items()
        if page.has_view_or_change_permission(request)
        for action in page.get_actions(request)
    }


def sockets(application: Any) -> dict[str, str]:
    """The websockets below `application`: what the table calls each, and an address to try it at."""
    while not isinstance(application, URLRouter):
        application = application.inner if hasattr(application, "inner") else application.application
    written = [str(route.pattern) for route in application.routes]
    return {f"WS /{address}": f"/{_PARAMETER.sub(UNKNOWN, address)}" for address in written if address}
