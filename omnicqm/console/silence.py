"""The page of the switch "people only", and what every page of the console says while it is on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from conversations.models import Channel, PeopleOnly
from conversations.services.people_only import people_only_all, people_only_end, people_only_start

SWITCH = "conversations.switch_people_only"


class SwitchForm(forms.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in ("start", "end")])
    channel = forms.ModelChoiceField(Channel.objects.all(), required=False)  # none: every channel
    reason = forms.CharField(max_length=200, required=False)


def people_only_view(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Everywhere and channel by channel: is the agent silent, since when, by whom and why. A POST switches."""
    if not request.user.has_perm(SWITCH):
        raise PermissionDenied
    form = SwitchForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            _switch(request, **form.cleaned_data)
        else:
            messages.error(request, "Nothing was switched: choose a channel that exists and a reason of 200 letters.")
        return redirect("admin:people_only")
    on = {row.channel_id: row for row in people_only_all()}
    rows = [(channel, on.get(channel.pk)) for channel in Channel.objects.filter(is_active=True)]
    context = {**site.each_context(request), "title": "People only", "everywhere": on.get(None), "rows": rows}
    return render(request, "console/people_only.html", context)


def _switch(request: HttpRequest, *, do: str, channel: Channel | None, reason: str) -> None:
    user: Any = request.user
    where = f"on {channel}" if channel else "on every channel"
    if do == "start":
        people_only_start(channel=channel, user=user, reason=reason)
        messages.warning(request, f"Only people answer {where} from now on. The assistant drafts and sends nothing.")
    else:
        people_only_end(channel=channel, user=user)
        messages.success(request, f"The assistant may answer {where} again.")


def silences(request: HttpRequest) -> list[PeopleOnly]:
    """Where the agent is silenced, for the banner of every page."""
    return list(people_only_all())
