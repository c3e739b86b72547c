"""What an admin fills in about a widget key, and the page with its snippet and its signing secret."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from unfold.widgets import UnfoldAdminTextareaWidget

from conversations.models import Channel, WidgetKey
from conversations.widget.keys import snippet, widget_key_rotate, widget_key_secret_end
from omnicqm.console.clients import OVERLAPS


class WidgetKeyForm(forms.ModelForm):
    """Key and secret are made by us; only channels of the chat can be chosen."""

    class Meta:
        model = WidgetKey
        fields = (
            *("name", "enabled", "channel", "allowed_origins", "title", "greeting", "colour", "position", "language"),
            *("frames_per_minute", "messages_per_minute"),
        )
        widgets = {"allowed_origins": UnfoldAdminTextareaWidget(attrs={"rows": 4, "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "channel" in self.fields:
            self.fields["channel"].initial = Channel.objects.filter(kind=Channel.Kind.CHAT).first()


class SecretForm(forms.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in ("rotate", "end")])
    overlap = forms.ChoiceField(choices=[(name, words) for name, (words, _) in OVERLAPS.items()], required=False)


def secret_shown(key: WidgetKey, secret: str) -> str:
    """The message that shows a new signing secret, once, with the snippet."""
    shown = {"key": key, "secret": secret, "snippet": snippet(key, settings.OMNICQM_BASE_URL)}
    return render_to_string("console/_widget_made.html", shown)


def embed_view(request: HttpRequest, *, site: AdminSite, key: WidgetKey) -> HttpResponse:
    """Show what goes into the page and how the secret is changed; a POST does that and comes back to the key."""
    form = SecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _do(request, key, **form.cleaned_data)
        return redirect("admin:conversations_widgetkey_change", key.pk)
    context = {
        **site.each_context(request),
        "title": f"Snippet and secret of {key.name}",
        "key": key,
        "snippet": snippet(key, settings.OMNICQM_BASE_URL),
        "host": settings.OMNICQM_BASE_URL,
        "overlaps": [(name, words) for name, (words, _) in OVERLAPS.items()],
    }
    return render(request, "console/widget_embed.html", context)


def _do(request: HttpRequest, key: WidgetKey, *, do: str, overlap: str) -> None:
    who = {"key_id": key.pk, "actor": f"user:{request.user.pk}"}
    if do == "rotate":
        secret = widget_key_rotate(**who, overlap=OVERLAPS[overlap or "day"][1])
        messages.warning(request, secret_shown(key, secret))
    else:
        widget_key_secret_end(**who)
        messages.success(request, "The earlier secret has ended.")
