"""The pages of a channel: its secret, and trying its way out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from conversations.channels.trying import Trial, channel_try
from conversations.models import Channel
from conversations.services.channel_secrets import channel_secret_end, channel_secret_rotate
from omnicqm.common.errors import OmniError
from omnicqm.console.clients import OVERLAPS


class SecretForm(forms.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in ("rotate", "end")])
    overlap = forms.ChoiceField(choices=[(name, words) for name, (words, _) in OVERLAPS.items()], required=False)


class TryForm(forms.Form):
    target = forms.CharField(max_length=2000)


def channel_secret_shown(channel: Channel, secret: str) -> str:
    """The message that shows a new secret, once."""
    return render_to_string("console/channels/_secret.html", {"channel": channel, "secret": secret})


def secret_view(request: HttpRequest, *, site: AdminSite, channel: Channel) -> HttpResponse:
    """How the secret is changed; a POST does that and comes back to the channel."""
    form = SecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _do(request, channel, **form.cleaned_data)
        return redirect("admin:conversations_channel_change", channel.pk)
    context = {
        **site.each_context(request),
        "title": f"Secret of {channel}",
        "channel": channel,
        "overlaps": [(name, words.split(".")[0]) for name, (words, _) in OVERLAPS.items()],
    }
    return render(request, "console/channels/secret.html", context)


def _do(request: HttpRequest, channel: Channel, *, do: str, overlap: str) -> None:
    who: dict[str, Any] = {"channel_id": channel.pk, "actor": f"user:{request.user.pk}"}
    if do == "rotate":
        secret = channel_secret_rotate(**who, overlap=OVERLAPS[overlap or "day"][1])
        messages.warning(request, channel_secret_shown(channel, secret))
    else:
        channel_secret_end(**who)
        messages.success(request, "The earlier secret has ended.")


def try_view(request: HttpRequest, *, site: AdminSite, channel: Channel) -> HttpResponse:
    """Where to send a test; a POST sends it and shows what went out and what came back."""
    form = TryForm(request.POST or None, initial={"target": _usual_target(request, channel)})
    trial: Trial | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actor = f"user:{request.user.pk}"
            trial = channel_try(channel=channel, target=form.cleaned_data["target"].strip(), actor=actor)
        except OmniError as error:
            form.add_error("target", error.message)
    context = {**site.each_context(request), "title": f"Try {channel}", "channel": channel, "form": form}
    status = 400 if form.errors else 200
    return render(request, "console/channels/try.html", {**context, "trial": trial}, status=status)


def _usual_target(request: HttpRequest, channel: Channel) -> str:
    if channel.callback_url:
        return channel.callback_url
    return getattr(request.user, "email", "") if channel.reply_by == Channel.ReplyBy.MAIL else ""
