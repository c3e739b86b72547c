"""What people say of insights and replies, and what the judge does."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from feedback.models import Judgement, Rating
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.filters import OverruledFilter
from omnicqm.console.judging import READ, VERDICT_WORDS, judgement_view
from omnicqm.console.times import moment

VERDICT_LABELS = {"good": "success", "doubtful": "warning", "bad": "danger"}
FEEDBACK_LABELS = {"helpful": "success", "not_helpful": "danger"}


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """What was said of insights and replies; comments, which are people's own words, for who may read conversations."""

    list_display = ("created_at", "said", "reason", "comment", "is_current", "request_id", "rater")
    list_filter = ("feedback", "is_current")
    search_fields = ("=id", "=insight__id", "=query__id", "=insight__unique_process_id", "rater")
    search_help_text = "Rating, request or process id, or who rated"
    fields = (*("id", "feedback", "reason", "comment", "insight", "query", "rater", "is_current", "created_at"),)

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return _readable(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[str]:
        return _readable(request, super().get_fields(request, obj))

    @display(description="Feedback", ordering="feedback", label=FEEDBACK_LABELS)
    def said(self, rating: Rating) -> tuple[str, str]:
        return rating.feedback, rating.get_feedback_display()


def _readable(request: HttpRequest, names: Iterable[Any]) -> list[str]:
    """`names` of columns or fields without the comment, unless the user of `request` may read conversations."""
    return [name for name in names if name != "comment" or request.user.has_perm(READ)]


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    """A row for each judgement; the page behind it shows the claims and lets consultants overrule."""

    list_display = ("judged", "said", "relevance_score", "accuracy_score", "safety_score", "kind", "by", "people")
    list_filter = ("verdict", "state", "kind", OverruledFilter, "judge", "judge_version", "model")
    search_fields = ("=id", "=run__id", "=run__origin")
    search_help_text = "Judgement, run or request id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Judgement]:
        return super().get_queryset(request).prefetch_related("overrulings").defer("claims")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        judgement = Judgement.objects.select_related("run").filter(pk=unquote(object_id)).first()
        if judgement is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return judgement_view(request, site=self.admin_site, judgement=judgement)

    @display(description="Judged", ordering="created_at", header=True)
    def judged(self, judgement: Judgement) -> tuple[str, str]:
        return moment(judgement.judged_at or judgement.created_at), judgement.run_id

    @display(description="Verdict", ordering="verdict", label=VERDICT_LABELS)
    def said(self, judgement: Judgement) -> tuple[str, str]:
        return judgement.verdict, VERDICT_WORDS.get(judgement.verdict) or judgement.get_state_display()

    @display(description="Relevance", ordering="relevance")
    def relevance_score(self, judgement: Judgement) -> str:
        return _score(judgement.relevance)

    @display(description="Accuracy", ordering="accuracy", header=True)
    def accuracy_score(self, judgement: Judgement) -> tuple[str, str]:
        claims = judgement.claims_supported + judgement.claims_unsupported
        return _score(judgement.accuracy), f"{judgement.claims_supported} of {claims} claims" if claims else ""

    @display(description="Safety", ordering="safety")
    def safety_score(self, judgement: Judgement) -> str:
        return _score(judgement.safety)

    @display(description="Judge", ordering="judge_version", header=True)
    def by(self, judgement: Judgement) -> tuple[str, str]:
        return judgement.model or judgement.get_judge_display(), judgement.judge_version

    @display(description="Overruled")
    def people(self, judgement: Judgement) -> str:
        current = [said for said in judgement.overrulings.all() if said.is_current]
        return ", ".join(f"{said.aspect} {said.value:.2f}" for said in current) or "-"


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"
