"""The admin site: who is in, how they get in, and what every page of it shows."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from omnicqm.console.accounts import views
from omnicqm.console.accounts.second_factor import PASSED, is_fully_signed_in
from omnicqm.console.away import away_view
from omnicqm.console.silence import people_only_view, silences


class ConsoleSite(UnfoldAdminSite):
    """django-unfold's site. Below /admin/ and /analytics/ only those come in whose sign-in is whole."""

    def get_urls(self) -> list[Any]:
        def page(view: Any) -> Any:
            return self.admin_view(lambda request: view(request, site=self))

        def door(view: Any) -> Any:
            return never_cache(lambda request: view(request, site=self))

        return [
            path("second-factor/", door(views.code_page), name="second_factor"),
            path("second-factor/enrol/", door(views.enrol_page), name="second_factor_enrol"),
            path("second-factor/mine/", page(views.own_page), name="second_factor_own"),
            path("people-only/", page(people_only_view), name="people_only"),
            path("away/", page(away_view), name="away"),
            *super().get_urls(),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and self._is_whole(request)

    @staticmethod
    def _is_whole(request: HttpRequest) -> bool:
        """Asked several times for a page, looked up once."""
        known: Any = getattr(request, "_signed_in_fully", None)
        if known is None or known[0] != request.user.pk:
            known = request.user.pk, is_fully_signed_in(request.user, request.session)
            request._signed_in_fully = known  # type: ignore[attr-defined]
        return bool(known[1])

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET" and self.has_permission(request):
            return redirect(reverse("admin:index", current_app=self.name))
        # What an earlier second factor opened is nobody's: it begins with the password.
        if request.method == "GET" and super().has_permission(request) and PASSED not in request.session:
            return views.sign_in_resume(request)
        context = {**self.each_context(request), "title": "Sign in", "app_path": request.get_full_path()}
        context |= {"username": request.user.get_username(), "subtitle": None, **(extra_context or {})}
        request.current_app = self.name
        return views.SignIn.as_view(
            extra_context=context,
            authentication_form=self.login_form,
            template_name="admin/login.html",
        )(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "silences": silences(request) if context["has_permission"] else []}
