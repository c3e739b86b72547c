"""What consultants' answers teach: corrections, gaps, proposals of articles."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import Truncator
from unfold.contrib.filters.admin import RangeNumericFilter
from unfold.decorators import action, display

from feedback.models import ArticleProposal, Correction, KnowledgeGap
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.explorer.filters import DaysFilter
from omnicqm.console.learning.pages import correction_view, gap_view, proposal_view
from omnicqm.console.learning.views import EXPORT
from omnicqm.console.people import consultant_name
from omnicqm.console.times import moment

KIND_LABELS = {"as_is": "success", "edited": "info", "rewritten": "warning", "rejected": "danger", "unused": "info"}
GAP_LABELS = {"open": "warning", "closed": "success"}
PROPOSAL_LABELS = {"proposed": "info", "approved": "success", "rejected": "danger"}


class PagesAdmin(ReadOnlyAdmin):
    """A list whose rows lead to pages of our own: `page` shows one, called with the request, the row and `site`."""

    page: Callable[..., HttpResponse]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        row = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return self.page(request, row, site=self.admin_site)


@admin.register(Correction)
class CorrectionAdmin(PagesAdmin):
    page = staticmethod(correction_view)
    list_display = ("answered", "became", "edited", "category", "by", "model_used")
    list_filter = ("kind", "category", ("similarity", RangeNumericFilter), "model", ("created_at", DaysFilter))
    list_filter_submit = True
    list_select_related = ("user", "escalation__conversation")
    search_fields = ("=id", "=escalation__id", "=run__id", "=escalation__conversation__reference")
    search_help_text = "Reference of a conversation, id of a correction, an escalation or a run"
    actions_list = ("export_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        rows = super().get_queryset(request)
        return rows.select_related("user", "escalation__conversation", "message", "run")

    def has_export_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(EXPORT)

    @action(description="Examples for models", url_path="export", permissions=["export"], icon="download")
    def export_page(self, request: HttpRequest) -> HttpResponse:
        """As JSON lines, without personal data."""
        return redirect("learning:export")

    @display(description="Answered", ordering="created_at", header=True)
    def answered(self, correction: Correction) -> tuple[str, str]:
        return moment(correction.created_at), correction.escalation.conversation.reference

    @display(description="The draft was", ordering="kind", label=KIND_LABELS)
    def became(self, correction: Correction) -> tuple[str, str]:
        return correction.kind, correction.get_kind_display()

    @display(description="Changed", ordering="similarity")
    def edited(self, correction: Correction) -> str:
        return f"{correction.edited_percent} %"

    @display(description="By", ordering="user")
    def by(self, correction: Correction) -> str:
        return consultant_name(correction.user)

    @display(description="Model", ordering="model", header=True)
    def model_used(self, correction: Correction) -> tuple[str, str]:
        return correction.model or "-", correction.prompt_version


@admin.register(KnowledgeGap)
class KnowledgeGapAdmin(PagesAdmin):
    page = staticmethod(gap_view)
    list_display = ("asked", "times", "stands", "category", "last_asked", "found_again")
    list_filter = ("state", "category", ("last_at", DaysFilter))
    search_fields = ("=id", "question")
    search_help_text = "Words of the question"

    def get_queryset(self, request: HttpRequest) -> QuerySet[KnowledgeGap]:
        return super().get_queryset(request).defer("embedding").select_related("closed_by")

    @display(description="Question")
    def asked(self, gap: KnowledgeGap) -> str:
        return Truncator(gap.question).chars(110)

    @display(description="Asked", ordering="count")
    def times(self, gap: KnowledgeGap) -> str:
        return f"{gap.count} ×"

    @display(description="State", ordering="state", label=GAP_LABELS)
    def stands(self, gap: KnowledgeGap) -> tuple[str, str]:
        return gap.state, gap.get_state_display() + (f", reopened {gap.reopened} ×" if gap.reopened else "")

    @display(description="Last asked", ordering="last_at")
    def last_asked(self, gap: KnowledgeGap) -> str:
        return moment(gap.last_at)

    @display(description="Found again")
    def found_again(self, gap: KnowledgeGap) -> str:
        return f"{gap.found} of {gap.searched}" if gap.searched else "-"


@admin.register(ArticleProposal)
class ArticleProposalAdmin(PagesAdmin):
    page = staticmethod(proposal_view)
    list_display = ("named", "stands", "for_whom", "known_already", "by", "proposed_at")
    list_filter = ("state", "audience", ("created_at", DaysFilter))
    search_fields = ("=id", "title", "question")
    search_help_text = "Words of title or question"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArticleProposal]:
        rows = super().get_queryset(request)
        return rows.select_related("proposed_by", "decided_by", "gap", "message__conversation").defer("gap__embedding")

    @display(description="Title", ordering="title")
    def named(self, proposal: ArticleProposal) -> str:
        return proposal.title

    @display(description="State", ordering="state", label=PROPOSAL_LABELS)
    def stands(self, proposal: ArticleProposal) -> tuple[str, str]:
        return proposal.state, proposal.get_state_display()

    @display(description="For", ordering="audience")
    def for_whom(self, proposal: ArticleProposal) -> str:
        return "customers" if proposal.audience == "customer" else "staff only"

    @display(description="Near ones")
    def known_already(self, proposal: ArticleProposal) -> str:
        return str(len(proposal.near)) if proposal.near_at else "not searched yet"

    @display(description="By", ordering="proposed_by")
    def by(self, proposal: ArticleProposal) -> str:
        return consultant_name(proposal.proposed_by)

    @display(description="Proposed", ordering="created_at")
    def proposed_at(self, proposal: ArticleProposal) -> str:
        return moment(proposal.created_at)
