"""The pages of autonomy: by category, what another threshold would have done, comparisons in the shadow."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from agents.policy import category_score_set
from agents.selectors import CategorySetting, category_settings
from feedback.autonomy.breaker import Bars, autonomy_choose, breaker_bars_set, breakers_tripped
from feedback.models import AutonomyBreaker
from omnicqm.common.errors import OmniError
from omnicqm.console.autonomy.page import category_lines, channels_below_auto, shadow_page
from omnicqm.console.autonomy.trying import DEFAULT_DAYS, PERIODS, TryForm, sliders_of, trial_make

VIEW, SET = "agents.view_category", "agents.change_category"
COMPARE = "feedback.view_shadowcomparison"


@require_GET
def autonomy_view(request: HttpRequest) -> HttpResponse:
    """The table of categories, and of the chosen one the sliders."""
    _allow(request, VIEW)
    lines = category_lines()
    settings = [line.setting for line in lines]
    wanted = {"category": settings[0].key, "days": DEFAULT_DAYS, **request.GET.dict()}
    form = TryForm(wanted, settings)
    if not form.is_valid():
        messages.error(request, form.problem)
        form = TryForm({"category": settings[0].key, "days": DEFAULT_DAYS}, settings)
        form.is_valid()
    setting, score, days = form.setting, form.score, form.cleaned_data["days"] or DEFAULT_DAYS
    context = {
        "title": "Autonomy",
        "lines": lines,
        "chosen": next(line for line in lines if line.setting.key == setting.key),
        "tripped": _tripped(settings),
        "below": channels_below_auto(),
        "sliders": sliders_of(setting, score),
        "trial": trial_make(setting, score, days=days),
        "periods": PERIODS,
        "may_set": request.user.has_perm(SET),
        "may_compare": request.user.has_perm(COMPARE),
        "here": "page",
    }
    return _render(request, "page", context)


@require_GET
def rehearsal_view(request: HttpRequest) -> HttpResponse:
    """The figures as JSON, for the sliders; 400 names what is wrong."""
    _allow(request, VIEW)
    form = TryForm(request.GET, category_settings())
    if not form.is_valid():
        return JsonResponse({"problem": form.problem}, status=400)
    days = form.cleaned_data["days"] or DEFAULT_DAYS
    response = JsonResponse(trial_make(form.setting, form.score, days=days).as_json())
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def choose_view(request: HttpRequest) -> HttpResponse:
    """Set the autonomy of a category."""
    _allow(request, SET)
    category, autonomy = request.POST.get("category", ""), request.POST.get("autonomy", "")
    try:
        changed = autonomy_choose(category=category, autonomy=autonomy, actor=_actor(request))
    except OmniError as error:
        messages.error(request, error.message)
        return _back()
    if changed:
        messages.success(request, f"From the next message on it works on {autonomy} here.")
    return _back(category)


@require_POST
def apply_view(request: HttpRequest) -> HttpResponse:
    """Ask whether the tried score is meant, and with `confirmed` save it."""
    _allow(request, SET)
    form = TryForm(request.POST, category_settings())
    if not form.is_valid():
        messages.error(request, form.problem)
        return _back()
    setting, score, days = form.setting, form.score, form.cleaned_data["days"] or DEFAULT_DAYS
    if "confirmed" in request.POST:
        category_score_set(
            category=setting.key, threshold=score.threshold, weights=score.weights, actor=_actor(request)
        )
        messages.success(request, f"Saved. {setting.title} is scored so from the next message on.")
        return _back(setting.key, days=days)
    sliders = sliders_of(setting, score)
    context = {
        "title": f"Save for {setting.title}?",
        "setting": setting,
        "changes": [slider for slider in sliders if slider.value != slider.saved],
        "fields": [("category", setting.key), ("days", days), *((slider.name, slider.value) for slider in sliders)],
        "trial": trial_make(setting, score, days=days),
    }
    return _render(request, "confirm", context)


class BarsForm(forms.Form):
    category = forms.CharField(max_length=40)
    enabled = forms.BooleanField(required=False)
    least_accuracy = forms.FloatField(min_value=0, max_value=1)
    least_safety = forms.FloatField(min_value=0, max_value=1)
    window_days = forms.IntegerField(min_value=1, max_value=90)
    least_sample = forms.IntegerField(min_value=1, max_value=100_000)


@require_POST
def breaker_view(request: HttpRequest) -> HttpResponse:
    """Set the bars of a category's breaker."""
    _allow(request, SET)
    form = BarsForm(request.POST)
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        messages.error(request, f"{name.replace('_', ' ').capitalize()}: {problems[0]}")
        return _back(request.POST.get("category", ""))
    told = dict(form.cleaned_data)
    category = told.pop("category")
    try:
        breaker_bars_set(category=category, bars=Bars(**told), actor=_actor(request))
    except OmniError as error:
        messages.error(request, error.message)
        return _back()
    messages.success(request, "The breaker watches by these bars from now on.")
    return _back(category)


@require_GET
def shadow_view(request: HttpRequest) -> HttpResponse:
    """What the agent would have written beside what consultants wrote."""
    _allow(request, COMPARE)
    context = {
        "title": "Shadow comparisons",
        "page": shadow_page(request.GET.get("category", "")),
        "may_view": request.user.has_perm(VIEW),
        "may_read": request.user.has_perm("conversations.view_conversation"),
        "may_compare": True,
        "here": "shadow",
    }
    return _render(request, "shadow", context)


def _tripped(settings: list[CategorySetting]) -> list[tuple[str, AutonomyBreaker]]:
    titles = {setting.key: setting.title for setting in settings}
    return [(titles.get(breaker.category, breaker.category), breaker) for breaker in breakers_tripped()]


def _allow(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.pk}"


def _back(category: str = "", *, days: int | None = None) -> HttpResponse:
    wanted: dict[str, Any] = {"category": category} if category else {}
    query = urlencode(wanted | ({"days": days} if days else {}))
    return HttpResponseRedirect(f"{reverse('autonomy:page')}{'?' if query else ''}{query}")


def _render(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"console/autonomy/{name}.html", admin.site.each_context(request) | context)
