"""The pages behind the rows of learning: one correction, one gap, one proposal."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from feedback.learning.articles import (
    SAME_FROM,
    Wording,
    article_approve,
    article_change,
    article_reject,
)
from feedback.learning.diffs import stretches
from feedback.models import ArticleProposal, Correction, KnowledgeGap
from knowledge.selectors import version_is_ready
from omnicqm.common.errors import InvalidInput, OmniError

PROPOSE, DECIDE = "feedback.add_articleproposal", "feedback.change_articleproposal"
MOST_QUESTIONS = 50


def correction_view(request: HttpRequest, correction: Correction, *, site: AdminSite) -> HttpResponse:
    """The draft and the reply as one text, with what went out and what came in."""
    message: Any = correction.message
    proposal = ArticleProposal.objects.filter(message=message).first() if message else None
    context = {
        "title": "Correction",
        "correction": correction,
        "message": message,
        "stretches": list(stretches(correction.changes, message.text if message else "")),
        "proposal": proposal,
        "may_propose": message is not None and proposal is None and request.user.has_perm(PROPOSE),
    }
    return _render(request, site, "correction", context)


def gap_view(request: HttpRequest, gap: KnowledgeGap, *, site: AdminSite) -> HttpResponse:
    """The questions of a gap, and the articles that may answer it."""
    questions = gap.questions.select_related("query__conversation", "query__reply__article")
    context = {
        "title": "Knowledge gap",
        "gap": gap,
        "questions": list(questions[:MOST_QUESTIONS]),
        "proposals": list(gap.proposals.all()[:20]),
        "may_read": request.user.has_perm("conversations.view_conversation"),
        "may_propose": request.user.has_perm(PROPOSE),
    }
    return _render(request, site, "gap", context)


class ProposalForm(forms.Form):
    title = forms.CharField(max_length=200, required=False)
    question = forms.CharField(required=False, strip=False)
    answer = forms.CharField(required=False, strip=False)
    audience = forms.ChoiceField(choices=[("customer", "Customers"), ("internal", "Staff only")])
    reason = forms.CharField(required=False)
    ours = forms.BooleanField(required=False)

    @property
    def wording(self) -> Wording:
        told = self.cleaned_data
        return Wording(told["title"], told["question"], told["answer"], told["audience"])


def proposal_view(request: HttpRequest, proposal: ArticleProposal, *, site: AdminSite) -> HttpResponse:
    """Show a proposal beside what is known already; a POST saves, approves or rejects it."""
    if request.method != "POST":
        return _proposal(request, site, proposal)
    if not request.user.has_perm(DECIDE):
        raise PermissionDenied
    form = ProposalForm(request.POST)
    try:
        done = _act(request, proposal, form)
    except OmniError as error:
        messages.error(request, error.message)
        return _proposal(request, site, proposal, form=form, code=error.code, status=error.status)
    messages.success(request, done)
    return HttpResponseRedirect(request.path)


def _act(request: HttpRequest, proposal: ArticleProposal, form: ProposalForm) -> str:
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        raise InvalidInput(f"{name.capitalize()}: {problems[0]}", param=name)
    action = ACTIONS.get(request.POST.get("do", ""))
    if action is None:
        raise InvalidInput("Choose what to do: save, approve or reject.")
    return action(proposal, form, request.user)


def _save(proposal: ArticleProposal, form: ProposalForm, user: Any) -> str:
    article_change(proposal_id=proposal.pk, wording=form.wording, user=user)
    return "Saved."


def _approve(proposal: ArticleProposal, form: ProposalForm, user: Any) -> str:
    article_approve(proposal_id=proposal.pk, wording=form.wording, user=user, ours=form.cleaned_data["ours"])
    return "Approved. Search finds it in a moment, and the gaps it answers close."


def _reject(proposal: ArticleProposal, form: ProposalForm, user: Any) -> str:
    article_reject(proposal_id=proposal.pk, reason=form.cleaned_data["reason"], user=user)
    return "Rejected. Your reason is kept with it."


ACTIONS: Mapping[str, Callable[[ArticleProposal, ProposalForm, Any], str]] = {
    "save": _save,
    "approve": _approve,
    "reject": _reject,
}


def _proposal(
    request: HttpRequest,
    site: AdminSite,
    proposal: ArticleProposal,
    *,
    form: ProposalForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    told = form.data if form else {}
    names = ("title", "question", "answer", "audience")
    context = {
        "title": proposal.title,
        "proposal": proposal,
        "told": {name: told.get(name, getattr(proposal, name)) for name in names},
        "reason": told.get("reason", ""),
        "asks_ours": code == "personal",
        "doubles": any(near["relevance"] >= SAME_FROM for near in proposal.near),
        "taken": sum(proposal.taken_out.values()),
        "is_open": proposal.state == ArticleProposal.State.PROPOSED,
        "is_ready": bool(proposal.version_id) and version_is_ready(version_id=proposal.version_id),
        "closes": list(proposal.closes.all()[:20]),
        "may_decide": request.user.has_perm(DECIDE),
    }
    return _render(request, site, "proposal", context, status=status)


def _render(
    request: HttpRequest, site: AdminSite, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, f"console/learning/{name}.html", site.each_context(request) | context, status=status)
