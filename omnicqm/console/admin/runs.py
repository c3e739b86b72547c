"""What the agent did and what it cost: runs with their steps and attempts, the ledger, prompts."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.contrib.filters.admin import RangeNumericFilter
from unfold.decorators import action, display

from agents.models import Run, RunReplay
from agents.prompts import prompts_load
from conversations.models import Query
from omnicqm.common.models import Attempt
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.costs import DAYS, budget_states, cached, costs_by_day, tokens, usd
from omnicqm.console.explorer.difference import DECISION_WORDS
from omnicqm.console.explorer.filters import (
    CappedPaginator,
    CategoryFilter,
    DaysFilter,
    FactorFilter,
    ModelFilter,
    PromptVersionFilter,
    ScopeFilter,
    VerdictFilter,
    runs_find,
)
from omnicqm.console.explorer.page import run_view
from omnicqm.console.explorer.views import replay_form_view, replay_view
from omnicqm.console.prompts import prompts_changed, versions_in_use
from omnicqm.console.times import moment

DECISION_LABELS = {"auto_send": "success", "clarify": "info", "escalate": "warning"}
REPLAY_LABELS = {"waiting": "info", "working": "info", "done": "success", "failed": "danger"}
OUTCOME_LABELS = {"ok": "success", "error": "danger", "timeout": "danger", "abandoned": "warning"}


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """A row for each run; the page behind it shows how it came to its decision and what each call cost."""

    list_display = (
        "started",
        "decided",
        "score",
        "about",
        "channel",
        "category",
        "model_used",
        "prompts",
        "took",
        "cost",
    )
    list_filter = (
        *("decision", FactorFilter, ScopeFilter, CategoryFilter, ModelFilter, PromptVersionFilter, VerdictFilter),
        "state",
        *(("score", RangeNumericFilter), ("cost_usd", RangeNumericFilter), ("latency_ms", RangeNumericFilter)),
        ("started_at", DaysFilter),
    )
    list_filter_submit = True
    paginator = CappedPaginator
    search_fields = ("id",)  # shows the field; `runs_find` looks
    search_help_text = (
        "Reference or id of a conversation, id of a query, an escalation or a run, beginning of a prompt hash"
    )
    actions_list = ("prompts_page",)
    actions_detail = ("replay_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        """A list needs no texts; which conversation a run is about comes along with it."""
        query = Query.objects.filter(run=OuterRef("pk")).values("conversation__reference")[:1]
        listed = super().get_queryset(request).annotate(reference=Subquery(query))
        return listed.defer("reply_text", "sources", "explanation", "factors", "reasons", "blockers", "fingerprint")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Run], search_term: str
    ) -> tuple[QuerySet[Run], bool]:
        return (runs_find(queryset, search_term) if search_term.strip() else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        run = Run.objects.filter(pk=unquote(object_id)).first()
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return run_view(request, site=self.admin_site, run=run)

    @action(description="Run it again", url_path="replay", permissions=["view"])
    def replay_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """With another model, other prompts or another threshold, touching nothing."""
        run = Run.objects.filter(pk=unquote(object_id)).first()
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return replay_form_view(request, site=self.admin_site, run=run)

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

    @display(description="About")
    def about(self, run: Any) -> str:
        return run.reference or "-"

    @display(description="Channel", ordering="scope")
    def channel(self, run: Run) -> str:
        return run.scope.removeprefix("channel:")

    @action(description="Prompts", url_path="prompts", permissions=["view"], icon="description")
    def prompts_page(self, request: HttpRequest) -> HttpResponse:
        """The text of the prompts, and which version answered what."""
        prompts = prompts_load()
        context = {"title": "Prompts", "current": prompts, "versions": versions_in_use(), "opts": self.opts}
        if before := request.GET.get("before", ""):
            context |= {"before": before, "changed": prompts_changed(before)}
        return render(request, "console/prompts.html", self.admin_site.each_context(request) | context)


@admin.register(RunReplay)
class RunReplayAdmin(ReadOnlyAdmin):
    """Runs that were done again; the page behind a row tells what was different."""

    list_display = ("asked", "original_id", "changed", "state_chip", "led_to", "wanted_by")
    list_filter = ("state", "model", "prompts")
    list_select_related = ("original", "run")
    search_fields = ("=id", "=original__id", "=run__id")
    search_help_text = "Id of a replay, or of a run"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self.view_check(request)
        replay = RunReplay.objects.select_related("original", "run").filter(pk=unquote(object_id)).first()
        if replay is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))
        return replay_view(request, site=self.admin_site, replay=replay)

    @display(description="Asked for", ordering="created_at", header=True)
    def asked(self, replay: RunReplay) -> tuple[str, str]:
        return moment(replay.created_at), replay.pk

    @display(description="Changed")
    def changed(self, replay: RunReplay) -> str:
        told = [replay.model, replay.prompts, "" if replay.threshold is None else f"threshold {replay.threshold}"]
        return ", ".join(filter(None, told)) or "nothing"

    @display(description="State", ordering="state", label=REPLAY_LABELS)
    def state_chip(self, replay: RunReplay) -> tuple[str, str]:
        return replay.state, replay.get_state_display()

    @display(description="Decision")
    def led_to(self, replay: RunReplay) -> str:
        if replay.run is None:
            return "-"
        words = [DECISION_WORDS.get(run.decision, "-") for run in (replay.original, replay.run)]
        return words[0] if words[0] == words[1] else f"{words[0]} → {words[1]}"

    @display(description="Wanted by")
    def wanted_by(self, replay: RunReplay) -> str:
        return replay.actor


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
