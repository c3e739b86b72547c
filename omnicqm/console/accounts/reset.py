"""The page on which an admin looks after the second factor of somebody else."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from omnicqm.common.errors import OmniError
from omnicqm.console.accounts.second_factor import exemption_end, exemption_give, second_factor_remove
from omnicqm.console.models import Authenticator, RecoveryCode, SecondFactorExemption


class ResetForm(forms.Form):
    do = forms.ChoiceField(choices=[(name, name) for name in ("reset", "exempt", "end")])
    reason = forms.CharField(max_length=200, required=False)


def reset_view(request: HttpRequest, *, site: AdminSite, user: User) -> HttpResponse:
    """Show how `user` signs in; a POST resets, exempts, or ends that, and comes back."""
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _do(request, user, **form.cleaned_data)
        return redirect(request.path)
    context = {
        **site.each_context(request),
        "title": f"Second factor of {user.get_username()}",
        "person": user,
        "device": Authenticator.objects.filter(user=user, confirmed=True).first(),
        "left": RecoveryCode.objects.filter(user=user, used_at=None).count(),
        "exemption": SecondFactorExemption.objects.filter(user=user).first(),
    }
    return render(request, "console/accounts/reset.html", context)


def _do(request: HttpRequest, user: User, *, do: str, reason: str) -> None:
    actor: Any = f"user:{request.user.pk}"
    try:
        if do == "reset":
            second_factor_remove(user=user, actor=actor)
            messages.success(request, "Reset. Their sessions ended; they set up a new one at the next sign-in.")
        elif do == "exempt":
            exemption_give(user=user, reason=reason, actor=actor)
            messages.warning(request, "This login now needs a password alone.")
        else:
            exemption_end(user=user, actor=actor)
            messages.success(request, "This login needs a second factor again.")
    except OmniError as error:
        messages.error(request, error.message)
