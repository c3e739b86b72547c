"""Doors of learning that are no rows of a table: make an article, export examples."""

import io
import zipfile
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agents.selectors import category_titles
from conversations.answering.answered import answer_of
from feedback.errors import NothingToLearn
from feedback.learning.articles import article_propose
from feedback.learning.export import Choice, corrections_lines, manifest_open
from feedback.models import ArticleProposal
from omnicqm.common.errors import OmniError
from omnicqm.common.ids import is_id
from omnicqm.common.services import audit_record

PROPOSE, EXPORT = "feedback.add_articleproposal", "feedback.export_correction"
FORMATS = {
    "nova": "Amazon Nova (bedrock-conversation-2024)",
    "claude": "Anthropic Claude (system and messages)",
    "prompt": "Prompt and completion",
}


@require_http_methods(["GET", "HEAD", "POST"])
def article_from_view(request: HttpRequest, source_id: str) -> HttpResponse:
    """Make a proposal of a consultant's reply, named by its own id or by that of its escalation; a GET asks first."""
    if not request.user.has_perm(PROPOSE):
        raise PermissionDenied
    message_id = answer_of(escalation_id=source_id) if is_id(source_id, "esc") else source_id
    known = ArticleProposal.objects.filter(message=message_id).first() if message_id else None
    if known is not None:
        return _to_proposal(known)
    if request.method != "POST":
        return _render(request, "article_from", {"title": "Make this an article", "source_id": source_id})
    try:
        if message_id is None:
            raise NothingToLearn("Nobody has replied to this one yet.")
        proposal = article_propose(message_id=message_id, user=request.user)
    except OmniError as error:
        messages.error(request, error.message)
        context = {"title": "Make this an article", "source_id": source_id, "failed": True}
        return _render(request, "article_from", context, status=error.status)
    messages.success(request, "Proposed. What is personal was taken out; read it before you go on.")
    return _to_proposal(proposal)


def _to_proposal(proposal: ArticleProposal) -> HttpResponseRedirect:
    return redirect("admin:feedback_articleproposal_change", proposal.pk)


class ExportForm(forms.Form):
    format = forms.ChoiceField(choices=list(FORMATS.items()), initial="nova")
    category = forms.ChoiceField(required=False)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    as_is = forms.BooleanField(label="Taken as they were", required=False, initial=True)
    edited = forms.BooleanField(label="Edited and rewritten", required=False, initial=True)
    rejected = forms.BooleanField(label="Written instead of a rejected draft", required=False, initial=True)
    least_edited = forms.IntegerField(label="Changed by at least, %", min_value=0, max_value=100, initial=10)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.fields["category"].choices = [("", "Every category"), *category_titles().items()]  # type: ignore[attr-defined]

    @property
    def choice(self) -> Choice:
        told = dict(self.cleaned_data)
        since, until = told["since"], told["until"]
        kept = {name: told[name] for name in ("as_is", "edited", "rejected", "least_edited", "category")}
        return Choice(
            **kept,
            since=datetime.combine(since, time.min, UTC) if since else None,
            until=datetime.combine(until + timedelta(days=1), time.min, UTC) if until else None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def export_view(request: HttpRequest) -> HttpResponse | FileResponse:
    """Choose, and get a ZIP of the examples and their manifest."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _download(request, form)
    context = {"title": "Examples for models", "form": form}
    return _render(request, "export", context, status=400 if form.errors else 200)


def _download(request: HttpRequest, form: ExportForm) -> FileResponse:
    manifest = manifest_open(form.cleaned_data["format"], form.choice)
    lines = "".join(corrections_lines(manifest, form.choice))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("corrections.jsonl", lines)
        archive.writestr("manifest.json", manifest.as_json())
    packed.seek(0)
    details = {"format": manifest.format, "written": manifest.written}
    user: Any = request.user
    audit_record(actor=f"user:{user.pk}", action="corrections.exported", obj=user, details=details)
    name = f"corrections-{timezone.now():%Y-%m-%d}.zip"
    return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")


def _render(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context |= {"back": reverse("admin:feedback_correction_changelist")}
    return render(request, f"console/learning/{name}.html", admin.site.each_context(request) | context, status=status)
