"""The form of an HTTP tool: its secret goes in and never comes out."""

import json
from typing import Any
from urllib.parse import urlsplit

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextareaWidget,
)

from agents.http_tools.services import http_tool_secret_set
from agents.models import HttpTool
from conversations.models import Channel
from omnicqm.common.errors import InvalidInput

KEEP_HINT = "Stored sealed and never shown again. Leave empty to keep the one that is stored."


class JsonField(forms.JSONField):
    """JSON as people read it; nothing is an empty field."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": rows, "spellcheck": "false"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, str):  # a text is what was typed and could not be read
            return value or ""
        return json.dumps(value, indent=2, ensure_ascii=False)


class HttpToolForm(forms.ModelForm):
    """`offered_in` stands for the scopes of channels; other scopes of a row are kept."""

    arguments = JsonField(rows=12, help_text="JSON schema of what the agent fills in: an object with its properties")
    body = JsonField(rows=5, required=False, help_text='JSON to send: {"order": "{{order}}"}. Empty: none')
    secret = forms.CharField(
        required=False,
        strip=False,
        help_text=KEEP_HINT,
        widget=UnfoldAdminPasswordWidget(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    offered_in = forms.MultipleChoiceField(
        label="Only in these channels",
        required=False,
        help_text="None chosen: in every channel.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = HttpTool
        fields = (
            *("name", "title", "description", "enabled", "arguments", "method", "url", "body", "allowed_hosts"),
            *("auth", "auth_name", "effect", "needs_verified", "pick", "max_bytes", "timeout"),
        )
        widgets = {
            "description": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "pick": UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["offered_in"]
        field.choices = [(f"channel:{channel.pk}", channel.title) for channel in Channel.objects.order_by("title")]
        field.initial = self.instance.scopes
        self._stored_site = _site(self.instance)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        channels = {value for value, _ in self.fields["offered_in"].choices}  # type: ignore[attr-defined]
        kept = [scope for scope in self.instance.scopes if scope not in channels]
        self.instance.scopes = [*kept, *data.get("offered_in", [])]
        self._secret_take(data)
        return data

    def _secret_take(self, data: dict[str, Any]) -> None:
        secret = data.get("secret", "")
        if data.get("auth") == HttpTool.Auth.NONE:
            self.instance.sealed_secret = ""
        elif secret:
            try:
                http_tool_secret_set(tool=self.instance, secret=secret)
            except InvalidInput as error:
                self.add_error("secret", error.message)
        elif self.instance.sealed_secret and _site_of(data.get("url", "")) != self._stored_site:
            # Otherwise whoever may edit a tool could have its secret sent to a server of their own.
            self.add_error("secret", "The address goes to another host now. Enter the secret of that service.")


def _site(tool: HttpTool) -> str:
    return _site_of(tool.url)


def _site_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()
