"""What the agent did and what it cost: runs with their steps and attempts, the ledger, prompts."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from agents.models import Run, RunStep
from agents.prompts import prompts_load
from omnicqm.common.models import Attempt
from omnicqm.console.base import ReadOnlyAdmin, ReadOnlyInline
from omnicqm.console.costs import DAYS, budget_states, cached, costs_by_day, tokens, usd
from omnicqm.console.judging import judgement_cards
from omnicqm.console.prompts import versions_in_use
from omnicqm.console.times import moment
from omnicqm.console.tracing import trace_show

DECISION_WORDS = {"auto_send": "Sent alone", "clarify": "Asked back", "escalate": "To a person"}
DECISION_LABELS = {"auto_send": "success", "clarify": "info", "escalate": "warning"}
OUTCOME_LABELS = {"ok": "success", "error": "danger", "timeout": "danger", "abandoned": "warning"}


class RunStepInline(ReadOnlyInline):
    model = RunStep
    fields = readonly_fields = ("index", "kind", "name", "latency_ms", "error", "input", "output")
    show_change_link = False
    tab = True


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """A row for each run; the page behind it shows how it came to its decision and what each call cost."""

    list_display = ("started", "decided", "score", "scope", "category", "model_used", "prompts", "took", "cost")
    list_filter = ("decision", "state", "category", "model_used", "prompt_version")
    search_fields = ("=id", "scope", "prompt_hash__startswith")
    search_help_text = "Run id, scope or the beginning of a prompt hash"
    inlines = (RunStepInline,)
    readonly_fields = ("attempts", "cost", "judgement", "trace_link")
    actions_list = ("prompts_page",)
    fieldsets = (
        (None, {"fields": ("id", "scope", "state", "error_code", "decision", "score", "threshold", "explanation")}),
        ("Why", {"fields": ("factors", "reasons", "blockers", "intent", "category", "support")}),
        ("What it wrote", {"fields": ("reply_text", "sources", "judgement")}),
        (
            "How",
            {
                "fields": (
                    *("model_used", "prompt_version", "prompt_hash", "input_tokens", "output_tokens", "cost"),
                    *("latency_ms", "started_at", "finished_at", "trace_link", "attempts"),
                )
            },
        ),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The page of the prompts links to the runs of one text."""
        return lookup == "prompt_hash" or super().lookup_allowed(lookup, value, request)

    @display(description="Started", ordering="started_at", header=True)
    def started(self, run: Run) -> tuple[str, str]:
        return moment(run.started_at), run.pk

    @display(description="Decision", ordering="decision", label=DECISION_LABELS)
    def decided(self, run: Run) -> tuple[str, str]:
        return run.decision, DECISION_WORDS.get(run.decision) or run.get_state_display()

    @display(description="Cost", ordering="cost_usd")
    def cost(self, run: Run) -> str:
        return usd(run.cost_usd)

    @display(description="Took", ordering="latency_ms")
    def took(self, run: Run) -> str:
        return "-" if run.latency_ms is None else f"{run.latency_ms:,} ms"

    @display(description="Prompts", ordering="prompt_version", header=True)
    def prompts(self, run: Run) -> tuple[str, str]:
        return run.prompt_version or "-", run.prompt_hash[:8]

    @display(description="Trace")
    def trace_link(self, run: Run) -> str | SafeString:
        return trace_show(run)

    @display(description="Judge")
    def judgement(self, run: Run) -> SafeString:
        return render_to_string("console/_judgement.html", {"card": judgement_cards([run.pk]).get(run.pk)})

    @display(description="Attempts")
    def attempts(self, run: Run) -> SafeString:
        rows = Attempt.objects.filter(run_id=run.pk).order_by("at", "id")
        return render_to_string("console/_attempts.html", {"attempts": rows})

    @action(description="Prompts", url_path="prompts", permissions=["view"], icon="description")
    def prompts_page(self, request: HttpRequest) -> HttpResponse:
        """The text of the prompts, and which version answered what."""
        prompts = prompts_load()
        context = {"title": "Prompts", "current": prompts, "versions": versions_in_use(), "opts": self.opts}
        return render(request, "console/prompts.html", self.admin_site.each_context(request) | context)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """The cost ledger: every call of a model, also the failed ones."""

    list_display = ("called", "purpose", "asked", "result", "error_code", "took", "counted", "cost")
    list_filter = ("outcome", "error_code", "purpose", "provider", "model")
    search_fields = ("=id", "=run_id", "scope")
    date_hierarchy = None
    actions_list = ("costs_page",)

    @display(description="At", ordering="at", header=True)
    def called(self, attempt: Attempt) -> tuple[str, str]:
        return moment(attempt.at), attempt.run_id

    @display(description="Model", ordering="model", header=True)
    def asked(self, attempt: Attempt) -> tuple[str, str]:
        return attempt.model, attempt.provider

    @display(description="Took", ordering="latency_ms")
    def took(self, attempt: Attempt) -> str:
        return f"{attempt.latency_ms:,} ms"

    @display(description="Outcome", ordering="outcome", label=OUTCOME_LABELS)
    def result(self, attempt: Attempt) -> tuple[str, str]:
        return attempt.outcome, attempt.get_outcome_display()

    @display(description="Cost", ordering="cost_usd")
    def cost(self, attempt: Attempt) -> str:
        return usd(attempt.cost_usd)

    @display(description="Tokens", header=True)
    def counted(self, attempt: Attempt) -> tuple[str, str]:
        return tokens(attempt), cached(attempt)

    @action(description="Costs by day", url_path="costs", permissions=["view"], icon="payments")
    def costs_page(self, request: HttpRequest) -> HttpResponse:
        """Calls, tokens, hits of the prompt cache and money by day and model; budgets and what is left of them."""
        context = {"title": "Costs", "days": DAYS, "rows": costs_by_day(), "opts": self.opts}
        if request.user.has_perm("agents.view_budget"):
            context["budgets"] = budget_states()
        return render(request, "console/costs.html", self.admin_site.each_context(request) | context)
