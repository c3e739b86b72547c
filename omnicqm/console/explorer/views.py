"""The pages on which a run is done again, and compared with what it was."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from agents.models import Run, RunReplay
from agents.prompts import prompt_folders
from agents.replaying import Change
from omnicqm.common.errors import OmniError
from omnicqm.console.explorer.difference import difference_of
from omnicqm.console.explorer.page import MAY_REPLAY
from omnicqm.console.explorer.replays import replay_start


class ReplayForm(forms.Form):
    """What is to be other than it was. Whatever stays empty is as it would be today."""

    model = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    prompts = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    threshold = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="0 to 100; empty: as channel and category say",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = [(alias, alias_words(alias)) for alias in settings.MODEL_PROVIDERS]
        self.fields["model"].choices = [("", f"As in use ({', '.join(settings.MODEL_ROUTE)})"), *models]  # type: ignore[attr-defined]
        folders = [(name, name) for name in prompt_folders()]
        self.fields["prompts"].choices = [("", "As in use"), *folders]  # type: ignore[attr-defined]
        self.fields["prompts"].help_text = f"folders in {settings.PROMPTS_FOLDER}"

    @property
    def change(self) -> Change:
        wanted = self.cleaned_data
        return Change(model=wanted["model"], prompts=wanted["prompts"], threshold=wanted["threshold"])


def alias_words(alias: str) -> str:
    """``primary: amazon.nova-2-lite-v1:0``; the embedded engine has no model of that kind."""
    options: Any = settings.MODEL_PROVIDERS[alias].get("OPTIONS", {})
    model = options.get("model_id")
    return f"{alias}: {model}" if model else alias


def replay_form_view(request: HttpRequest, *, site: AdminSite, run: Run) -> HttpResponse:
    """Show what can be changed; a POST has the run done again and leads to what comes of it."""
    if not request.user.has_perm(MAY_REPLAY):
        raise PermissionDenied
    form = ReplayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            replay = replay_start(run_id=run.pk, change=form.change, user=request.user)
        except OmniError as error:
            form.add_error(error.param if error.param in form.fields else None, error.message)
        else:
            return redirect("admin:agents_runreplay_change", replay.pk)
    context = {**site.each_context(request), "title": "Run it again", "run": run, "form": form}
    return render(request, "console/explorer/replay_form.html", context)


def replay_view(request: HttpRequest, *, site: AdminSite, replay: RunReplay) -> HttpResponse:
    """What came of a replay, beside what the run was; while it is worked on, that it is."""
    done = replay.state == RunReplay.State.DONE and replay.run is not None
    if replay.state == RunReplay.State.FAILED:
        messages.error(request, replay.reason)
    context = {
        **site.each_context(request),
        "title": "What is different",
        "replay": replay,
        "changed": _changed(replay),
        "difference": difference_of(replay.original, replay.run) if done and replay.run else None,
        "may_replay": request.user.has_perm(MAY_REPLAY),
    }
    return render(request, "console/explorer/replay.html", context)


def _changed(replay: RunReplay) -> list[tuple[str, str]]:
    """What was asked to be other, in words."""
    asked = [
        ("model", replay.model),
        ("prompts", replay.prompts),
        ("threshold", "" if replay.threshold is None else str(replay.threshold)),
    ]
    return [(name, value) for name, value in asked if value]
