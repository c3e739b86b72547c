"""Insights: what other systems were told about customers, and what it rests on."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from conversations.models import Insight
from omnicqm.common.models import Attempt
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.filters import LatencyFilter
from omnicqm.console.people import customer_badge
from omnicqm.console.times import moment

CACHE_LABELS = {"none": "info", "prompt": "warning", "result": "success"}


@admin.register(Insight)
class InsightAdmin(ReadOnlyAdmin):
    """A row for each answer; the page behind it shows the interactions it was made from."""

    list_display = ("answered", "about", "contact_id", "answered_by", "where_from", "took", "ratings_told")
    list_filter = ("cache", "model_used", "fell_back", LatencyFilter, "prompt_version", "client")
    list_select_related = ("customer", "source")
    search_fields = ("=id", "=unique_process_id", "=contact_id", "=account_number")
    search_help_text = "Request, process or contact id, or account number"
    readonly_fields = ("told", "who", "made_from", "attempts", "ratings_told", "found_by")
    fieldsets = (
        (None, {"fields": ("told", "made_from")}),
        ("For whom", {"fields": ("who", "account_number", "contact_id", "initial_contact_id", "ivr_intent")}),
        (
            "Asked",
            {"fields": ("unique_process_id", "client", "max_history_days", "max_interactions", "channel_filter")},
        ),
        (
            "How",
            {
                "fields": (
                    *("model_used", "fell_back", "cache", "prompt_version", "latency_ms", "model_ms", "attempts"),
                    *("checks", "usage", "generated_at", "valid_until", "created_at"),
                )
            },
        ),
        ("Trail", {"fields": ("id", "source", "ratings_told", "found_by", "events_digest")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Insight]:
        """A list needs no text; pages of one insight load what is deferred."""
        found = super().get_queryset(request).prefetch_related("ratings")
        return found.defer("interactions", "checks", "usage", "query")

    @display(description="Answered", ordering="created_at", header=True)
    def answered(self, insight: Insight) -> tuple[str, str]:
        return moment(insight.created_at), insight.pk

    @display(description="Account", header=True)
    def about(self, insight: Insight) -> tuple[str, Any]:
        return insight.account_number, customer_badge(insight.customer) if insight.customer else "nobody we know"

    @display(description="Model", ordering="model_used", header=True)
    def answered_by(self, insight: Insight) -> tuple[str, str]:
        return insight.model_used, "fell back" if insight.fell_back else ""

    @display(description="Text", ordering="cache", label=CACHE_LABELS)
    def where_from(self, insight: Insight) -> tuple[str, str]:
        return insight.cache, insight.get_cache_display()

    @display(description="Took", ordering="latency_ms")
    def took(self, insight: Insight) -> str:
        return f"{insight.latency_ms:,} ms"

    @display(description="Ratings")
    def ratings_told(self, insight: Insight) -> str:
        current = [rating.get_feedback_display() for rating in insight.ratings.all() if rating.is_current]
        return ", ".join(current) or "-"

    @display(description="Summary")
    def told(self, insight: Insight) -> SafeString:
        return format_html('<div class="cq-prompt">{}</div>', insight.text or "This text was forgotten: it is too old.")

    @display(description="Customer")
    def who(self, insight: Insight) -> SafeString | str:
        if insight.customer is None:
            return "Nobody we know has this account."
        url = reverse("admin:conversations_customer_change", args=[insight.customer_id])
        return format_html('<a href="{}">{}</a>', url, customer_badge(insight.customer))

    @display(description="Interactions used")
    def made_from(self, insight: Insight) -> SafeString:
        events = (insight.source or insight).interactions
        return render_to_string("console/_interactions_used.html", {"events": events, "insight": insight})

    @display(description="Found by")
    def found_by(self, insight: Insight) -> SafeString:
        return render_to_string("console/_query.html", {"query": insight.query})

    @display(description="Attempts")
    def attempts(self, insight: Insight) -> SafeString:
        rows = Attempt.objects.filter(run_id=insight.source_id or insight.pk).order_by("at", "id")
        return render_to_string("console/_attempts.html", {"attempts": rows})
