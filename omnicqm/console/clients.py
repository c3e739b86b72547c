"""What an admin fills in about an API client, and the page on which its secret is changed or its access ends."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from oauth2_provider.models import Application
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from omnicqm.common.models import ClientGrant
from omnicqm.common.services import ApiClient, api_client_revoke, api_client_rotate, api_client_secret_end

_HOUR = timedelta(hours=1)
OVERLAPS: dict[str, tuple[str, timedelta | None]] = {
    "day": ("for 24 hours", 24 * _HOUR),
    "hour": ("for an hour", _HOUR),
    "week": ("for 7 days", 7 * 24 * _HOUR),
    "open": ("until you end it here", None),
    "none": ("not at all: it leaked. Its tokens end too", timedelta(0)),
}


class ClientForm(forms.ModelForm):
    """A name, the scopes and the rate; credentials are made by us."""

    name = forms.CharField(
        max_length=255, widget=UnfoldAdminTextInputWidget, help_text="what people call the system, e.g. Salesforce"
    )
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {words}") for name, words in settings.API_SCOPES.items()],
        initial=list(settings.API_SCOPES),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    requests_per_minute = forms.IntegerField(
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=f"and as many at once; empty: {settings.API_REQUESTS_PER_MINUTE}, the default of this installation",
    )

    class Meta:
        model = Application
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grant = getattr(self.instance, "granted", None) if self.instance.pk else None
        if grant is not None:
            self.initial.update(scopes=grant.scopes, requests_per_minute=grant.requests_per_minute)

    @property
    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "scopes", "requests_per_minute")}


class AccessForm(forms.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in ("rotate", "end", "revoke")])
    overlap = forms.ChoiceField(choices=[(name, words) for name, (words, _) in OVERLAPS.items()], required=False)


def secret_shown(client: ApiClient) -> str:
    """The message that shows new credentials, once."""
    shown = {"client_id": client.client_id, "client_secret": client.client_secret}
    return render_to_string("console/_client_made.html", shown)


def access_view(request: HttpRequest, *, site: AdminSite, client: Application) -> HttpResponse:
    """Show what can be done; a POST does one of it and goes back to the client's page."""
    form = AccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _do(request, client, **form.cleaned_data)
        return redirect("admin:oauth2_provider_application_change", client.pk)
    context = {
        **site.each_context(request),
        "title": f"Secret and access of {client.name}",
        "client": client,
        "grant": ClientGrant.objects.filter(application=client.pk).first(),
        "overlaps": [(name, words) for name, (words, _) in OVERLAPS.items()],
    }
    return render(request, "console/client_access.html", context)


def _do(request: HttpRequest, client: Application, *, do: str, overlap: str) -> None:
    who = {"client_id": client.client_id, "actor": f"user:{request.user.pk}"}
    if do == "rotate":
        made = api_client_rotate(**who, overlap=OVERLAPS[overlap or "day"][1])
        messages.warning(request, secret_shown(made))
    elif do == "end":
        api_client_secret_end(**who)
        messages.success(request, "The earlier secret has ended, and all tokens with it.")
    else:
        api_client_revoke(**who)
        messages.success(request, f"{client.name} is revoked. None of its secrets and tokens works any more.")
