"""The pages of signing in after the password: the code, enrolling, and one's own second factor."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from omnicqm.common.errors import OmniError
from omnicqm.common.services import audit_record
from omnicqm.console.accounts.second_factor import (
    PASSED,
    code_use,
    enrolment_begin,
    enrolment_end,
    is_enrolled,
    needs_code,
    recovery_codes_renew,
    second_factor_remove,
    sign_in_begin,
    sign_in_passed,
    sign_in_pending,
)
from omnicqm.console.models import Authenticator, RecoveryCode

NEXT = "next"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """Password first; whoever needs a code is asked for it before they are signed in."""

    redirect_field_name = NEXT

    def get_default_redirect_url(self) -> str:
        return reverse("admin:index")

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if not needs_code(user):
            _note(user)
            response = super().form_valid(form)
            self.request.session.pop(PASSED, None)  # `login` keeps what was there for the same user
            return response
        sign_in_begin(self.request.session, user, backend=user.backend, after=self.get_success_url())
        return redirect("admin:second_factor")


class CodeForm(forms.Form):
    code = forms.CharField(max_length=40, strip=True)


def sign_in_resume(request: HttpRequest) -> HttpResponse:
    """Signed in with a password alone, from before a second factor was asked for: go on where it is missing."""
    user: Any = request.user
    after = request.GET.get(NEXT, "")
    inside = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    sign_in_begin(request.session, user, backend=_BACKEND, after=after if inside else reverse("admin:index"))
    return redirect("admin:second_factor")


@sensitive_post_parameters("code")
@csrf_protect
def code_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Ask whoever gave the right password for a code; a right one signs them in."""
    pending = sign_in_pending(request.session)
    if pending is None:
        return _again(request)
    user, kept = pending
    if not is_enrolled(user):
        return redirect("admin:second_factor_enrol")
    error = ""
    if request.method == "POST":
        error = _failed(request, lambda code: code_use(user=user, code=code))
        if not error:
            _sign_in(request, user, kept["backend"])
            return redirect(kept["after"])
    return _page(request, site, "code", "Your code", error=error, login=user.get_username())


@sensitive_post_parameters("code")
@csrf_protect
def enrol_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Set an app up: for whoever gave the right password and has none, and for those who are in and want one."""
    pending = sign_in_pending(request.session)
    user: Any = pending[0] if pending else request.user
    after: str = pending[1]["after"] if pending else reverse("admin:index")
    if pending is None and not site.has_permission(request):
        return _again(request)
    if is_enrolled(user):
        return redirect("admin:second_factor" if pending else "admin:second_factor_own")
    codes: list[str] = []
    error = ""
    if request.method == "POST":
        error = _failed(request, lambda code: codes.extend(enrolment_end(user=user, code=code)))
        if not error:
            _sign_in(request, user, pending[1]["backend"] if pending else _BACKEND)
            return _codes(request, site, codes, after)
    return _page(
        request,
        site,
        "enrol",
        "Set up your second factor",
        error=error,
        enrolment=enrolment_begin(user=user, session=request.session),
    )


@sensitive_post_parameters("code")
def own_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """One's own second factor: since when, how many recovery codes are left, new ones, another app."""
    user: Any = request.user
    if not is_enrolled(user):
        return redirect("admin:second_factor_enrol")
    error = ""
    if request.method == "POST":
        error = _failed(request, lambda code: code_use(user=user, code=code))
        if not error:
            return _own_do(request, site, user)
    context = {
        "device": Authenticator.objects.get(user=user),
        "left": RecoveryCode.objects.filter(user=user, used_at=None).count(),
    }
    return _page(request, site, "own", "Your second factor", error=error, **context)


def _own_do(request: HttpRequest, site: AdminSite, user: User) -> HttpResponse:
    if request.POST.get("do") == "codes":
        return _codes(request, site, recovery_codes_renew(user=user), reverse("admin:index"))
    second_factor_remove(user=user, actor=f"user:{user.pk}")
    sign_in_begin(request.session, user, backend=_BACKEND, after=reverse("admin:index"))
    return redirect("admin:second_factor_enrol")


def _failed(request: HttpRequest, use: Any) -> str:
    """Do `use` with the code that was typed; why it was refused, or nothing."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return "Type the code that your app shows."
    try:
        use(form.cleaned_data["code"])
    except OmniError as error:
        return error.message
    return ""


def _sign_in(request: HttpRequest, user: Any, backend: str) -> None:
    """With a new session key; what other sessions of `user` were opened with is no longer theirs."""
    login(request, user, backend=backend)
    sign_in_passed(request.session, user)
    _note(user)


def _note(user: Any) -> None:
    audit_record(actor=f"user:{user.pk}", action="user.signed_in", obj=user)


def _again(request: HttpRequest) -> HttpResponse:
    messages.info(request, "Begin with your password: too much time has passed.")
    return redirect("admin:login")


def _codes(request: HttpRequest, site: AdminSite, codes: list[str], after: str) -> HttpResponse:
    response: HttpResponse = _page(request, site, "codes", "Your recovery codes", codes=codes, after=after)
    add_never_cache_headers(response)
    return response


def _page(request: HttpRequest, site: AdminSite, name: str, title: str, *, error: str = "", **context: Any) -> Any:
    status = 400 if error else 200
    shown = {**site.each_context(request), "title": title, "error": error, **context}
    return render(request, f"console/accounts/{name}.html", shown, status=status)
