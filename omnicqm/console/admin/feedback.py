"""What people say of insights and replies."""

from django.contrib import admin
from unfold.decorators import display

from feedback.models import Rating
from omnicqm.console.base import ReadOnlyAdmin

FEEDBACK_LABELS = {"helpful": "success", "not_helpful": "danger"}


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "said", "reason", "comment", "is_current", "request_id", "rater")
    list_filter = ("feedback", "is_current")
    search_fields = ("=id", "=insight__id", "=query__id", "=insight__unique_process_id", "rater")
    search_help_text = "Rating, request or process id, or who rated"
    fields = (*("id", "feedback", "reason", "comment", "insight", "query", "rater", "is_current", "created_at"),)

    @display(description="Feedback", ordering="feedback", label=FEEDBACK_LABELS)
    def said(self, rating: Rating) -> tuple[str, str]:
        return rating.feedback, rating.get_feedback_display()
