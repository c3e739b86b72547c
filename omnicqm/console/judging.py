"""What the judge says, as the console shows it, and the page on which people overrule it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from agents.types import Aspect
from conversations.models import Message, Query
from feedback.judging.agreement import Trust, trust_in
from feedback.judging.overruling import MAX_REASON_CHARS, judgement_overrule
from feedback.judging.selectors import AspectView, aspects_of, judgements_of, verdict_of
from feedback.models import Judgement
from omnicqm.common.errors import OmniError

VIEW, OVERRULE = "feedback.view_judgement", "feedback.change_judgement"
READ = "conversations.view_conversation"  # what customers wrote and were written, and words that quote it
VERDICT_WORDS = {"good": "Good", "doubtful": "Doubtful", "bad": "Bad"}
VALUES = (
    ("1", "Good"),
    ("0.75", "Good, with small flaws"),
    ("0.5", "Doubtful"),
    ("0.25", "Bad"),
    ("0", "Wrong from end to end"),
)


class OverruleForm(forms.Form):
    aspect = forms.ChoiceField(choices=[(aspect.value, aspect.value) for aspect in Aspect])
    value = forms.TypedChoiceField(
        choices=VALUES, coerce=float, error_messages={"required": "Choose what the score should be."}
    )
    reason = forms.CharField(
        max_length=MAX_REASON_CHARS, error_messages={"required": "Say in a few words why the judge is wrong."}
    )


@dataclass(frozen=True)
class Line:
    """One aspect on a page, with how far the judge can be trusted there."""

    view: AspectView
    trust: Trust

    @property
    def score(self) -> str:
        return "-" if self.view.score is None else f"{self.view.score:.2f}"

    @property
    def judged(self) -> str:
        return "-" if self.view.judged is None else f"{self.view.judged:.2f}"


@dataclass(frozen=True)
class JudgementCard:
    """A judgement beside the text it is about."""

    judgement: Judgement
    lines: list[Line]
    verdict: str

    @property
    def is_judged(self) -> bool:
        return self.judgement.state == Judgement.State.JUDGED

    @property
    def words(self) -> str:
        return VERDICT_WORDS.get(self.verdict) or self.judgement.get_state_display()

    @property
    def is_overruled(self) -> bool:
        return any(line.view.overruled for line in self.lines)

    @property
    def weak(self) -> list[str]:
        """The aspects on which the judge is weak or unmeasured."""
        return [line.view.aspect.value for line in self.lines if line.trust.weak]


def judgement_card(judgement: Judgement, *, known: dict[Any, Any] | None = None) -> JudgementCard:
    """`known` remembers figures of agreement for the next one."""
    trusts = trust_in(judgement, known=known)
    lines = [Line(view, trust) for view, trust in zip(aspects_of(judgement), trusts, strict=True)]
    return JudgementCard(judgement, lines, verdict_of(judgement))


def judgement_cards(run_ids: Iterable[str | None]) -> dict[str, JudgementCard]:
    """By run, for those that have a judgement, or wait for one."""
    found = judgements_of({run_id for run_id in run_ids if run_id})
    known: dict[Any, Any] = {}
    return {run_id: judgement_card(judgement, known=known) for run_id, judgement in found.items()}


def judgement_view(request: HttpRequest, *, site: AdminSite, judgement: Judgement) -> HttpResponse:
    """Show `judgement`, and to who may read conversations the text it is about; a POST overrules one of its scores."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    form = OverruleForm(request.POST or None)
    if request.method == "POST" and _overrule(request, judgement, form):
        return HttpResponseRedirect(request.path)
    context = {
        **site.each_context(request),
        "title": f"Judgement: {judgement.get_kind_display().lower()}",
        "card": judgement_card(judgement),
        "run": judgement.run,
        "query": Query.objects.filter(run=judgement.run).select_related("conversation", "message").first(),
        "message": Message.objects.filter(run=judgement.run).first(),
        "form": form,
        "aspects": list(Aspect),
        "values": VALUES,
        "may_overrule": request.user.has_perm(OVERRULE),
        "may_read": request.user.has_perm(READ),
        "opts": Judgement._meta,
    }
    return render(request, "console/judgement.html", context, status=400 if form.errors else 200)


def _overrule(request: HttpRequest, judgement: Judgement, form: OverruleForm) -> bool:
    """Whether it was done; why not is told to the reader."""
    if not request.user.has_perm(OVERRULE):
        raise PermissionDenied
    user: Any = request.user
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return False
    try:
        judgement_overrule(judgement_id=judgement.pk, user=user, **form.cleaned_data)
    except OmniError as error:
        messages.error(request, error.message)
        return False
    messages.success(request, "Your word holds from now on. What the judge said is kept beside it.")
    return True
