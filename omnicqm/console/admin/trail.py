"""What happened: runs of the agent with their steps, the cost ledger, the audit trail, sign-in codes."""

from django.contrib import admin
from django.utils import timezone
from unfold.decorators import display

from agents.models import Run, RunStep
from conversations.models import SignInCode
from omnicqm.common.models import Attempt, AuditEvent
from omnicqm.console.base import ReadOnlyAdmin, ReadOnlyInline

DECISION_WORDS = {"auto_send": "Sent alone", "clarify": "Asked back", "escalate": "To a person"}
DECISION_LABELS = {"auto_send": "success", "clarify": "info", "escalate": "warning"}
OUTCOME_LABELS = {"ok": "success", "error": "danger", "timeout": "danger"}


class RunStepInline(ReadOnlyInline):
    model = RunStep
    fields = readonly_fields = ("index", "kind", "name", "latency_ms", "error", "input", "output")
    show_change_link = False
    tab = True


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "scope", "decided", "score", "category", "model_used", "took", "cost", "started_at")
    list_filter = ("decision", "state", "category", "model_used")
    search_fields = ("=id", "scope")
    inlines = (RunStepInline,)
    fieldsets = (
        (None, {"fields": ("id", "scope", "state", "error_code", "decision", "score", "threshold", "explanation")}),
        ("Why", {"fields": ("factors", "reasons", "blockers", "intent", "category", "support")}),
        ("What it wrote", {"fields": ("reply_text", "sources")}),
        (
            "How",
            {
                "fields": (
                    *("model_used", "prompt_version", "prompt_hash", "input_tokens", "output_tokens", "cost_usd"),
                    *("latency_ms", "started_at", "finished_at"),
                )
            },
        ),
    )

    @display(description="Decision", ordering="decision", label=DECISION_LABELS)
    def decided(self, run: Run) -> tuple[str, str]:
        return run.decision, DECISION_WORDS.get(run.decision) or run.get_state_display()

    @display(description="Cost", ordering="cost_usd")
    def cost(self, run: Run) -> str:
        return f"${run.cost_usd:.4f}" if run.cost_usd else "-"

    @display(description="Took", ordering="latency_ms")
    def took(self, run: Run) -> str:
        return "-" if run.latency_ms is None else f"{run.latency_ms:,} ms"


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = (
        *("at", "purpose", "provider", "model", "result", "latency_ms", "input_tokens", "output_tokens"),
        *("cost_usd", "scope", "run_id"),
    )
    list_filter = ("outcome", "purpose", "provider", "model")
    search_fields = ("=id", "=run_id", "scope")
    date_hierarchy = None

    @display(description="Outcome", ordering="outcome", label=OUTCOME_LABELS)
    def result(self, attempt: Attempt) -> tuple[str, str]:
        return attempt.outcome, attempt.get_outcome_display()


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "object_type", "object_id", "correlation_id")
    list_filter = ("action", "object_type")
    search_fields = ("=id", "actor", "=object_id", "=correlation_id")


@admin.register(SignInCode)
class SignInCodeAdmin(ReadOnlyAdmin):
    """Readable only where mail does not leave the machine, and only for who may see this page: not consultants."""

    list_display = ("email", "code", "state", "tries", "created_at", "expires_at")
    search_fields = ("=email",)
    fields = ("email", "code", "state", "tries", "created_at", "expires_at", "used_at")

    @display(description="Code")
    def code(self, row: SignInCode) -> str:
        return row.readable_code or "sent by e-mail"

    @display(description="State")
    def state(self, row: SignInCode) -> str:
        if row.used_at:
            return "used"
        return "usable" if timezone.now() < row.expires_at and row.tries < row.MOST_TRIES else "expired"
