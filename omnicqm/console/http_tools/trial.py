"""The page on which an admin tries a tool out: arguments in, and what the agent would read of the answer."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agents.http_tools.services import Exchange, http_tool_try
from agents.http_tools.templates import SERVER, TemplateInvalid, variables_of
from agents.models import HttpTool

MAX_ARGUMENT_CHARS = 5_000
_SAMPLES = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


class TrialForm(forms.Form):
    """`arguments` as the agent would send them, and a field for each thing the server would know."""

    arguments = forms.JSONField(max_length=MAX_ARGUMENT_CHARS, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}))

    def __init__(self, tool: HttpTool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["arguments"].initial = sample_arguments(tool.arguments)
        for name in server_variables(tool):
            words = settings.TOOL_VARIABLES.get(name, name)
            self.fields[name] = forms.CharField(
                label=f"{{{{{SERVER}{name}}}}}", help_text=words, required=False, widget=UnfoldAdminTextInputWidget
            )

    def clean_arguments(self) -> dict[str, Any]:
        arguments = self.cleaned_data["arguments"]
        if not isinstance(arguments, dict):
            raise forms.ValidationError('Write a JSON object, e.g. {"order": "1042"}.')
        return arguments

    @property
    def server(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "arguments" and value}


def trial_view(request: HttpRequest, *, site: AdminSite, tool: HttpTool) -> HttpResponse:
    """Show the form; a POST sends the request and shows what came of it."""
    form = TrialForm(tool, request.POST or None)
    exchange = _exchange(request, tool, form) if form.is_bound and form.is_valid() else None
    context = {
        **site.each_context(request),
        "title": f"Try {tool.name}",
        "tool": tool,
        "form": form,
        "exchange": exchange,
        "read": json.dumps(exchange.data, indent=2, ensure_ascii=False) if exchange and not exchange.error else "",
    }
    return render(request, "console/http_tool_trial.html", context)


def _exchange(request: HttpRequest, tool: HttpTool, form: TrialForm) -> Exchange:
    actor = f"user:{request.user.pk}"
    return http_tool_try(tool=tool, arguments=form.cleaned_data["arguments"], server=form.server, actor=actor)


def server_variables(tool: HttpTool) -> list[str]:
    """What the server would put into the request, in settings' order."""
    try:
        used = variables_of(tool.url) | variables_of(tool.body)
    except TemplateInvalid:
        return []
    return [name for name in settings.TOOL_VARIABLES if f"{SERVER}{name}" in used]


def sample_arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Something to begin with: of each argument its example, or a value of its type."""
    return {name: _sample(described) for name, described in schema.get("properties", {}).items()}


def _sample(described: Any) -> Any:
    if not isinstance(described, dict):
        return ""
    given = [*described.get("examples", []), *described.get("enum", [])]
    kind = described.get("type", "string")
    return given[0] if given else _SAMPLES.get(kind, "") if isinstance(kind, str) else ""
