"""Wrong passwords at the staff sign-in, and the way to unlock somebody."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import action, display

from omnicqm.console.accounts.locks import lock_end, locked_until
from omnicqm.console.base import ReadOnlyAdmin
from omnicqm.console.times import ago, moment


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """One row for each name, network and browser that got a password wrong lately."""

    list_display = ("name", "ip_address", "failures", "state", "last")
    search_fields = ("=username", "=ip_address")
    search_help_text = "Name or network address"
    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent")
    ordering = ("-attempt_time",)
    actions = ("unlock",)

    @action(description="Unlock", permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[AccessAttempt]) -> None:
        for attempt in queryset:
            lock_end(attempt=attempt, actor=f"user:{request.user.pk}")
        messages.success(request, "Unlocked. They can sign in at once.")

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    @display(description="Name", ordering="username")
    def name(self, attempt: AccessAttempt) -> str:
        return attempt.username or "-"

    @display(description="Wrong passwords", ordering="failures_since_start")
    def failures(self, attempt: Any) -> int:
        return attempt.failures_since_start

    @display(description="State", label={"locked": "danger", "open": "info"})
    def state(self, attempt: AccessAttempt) -> tuple[str, str]:
        until = locked_until(attempt)
        return ("locked", f"locked until {moment(until)}") if until else ("open", "not locked")

    @display(description="Last", ordering="attempt_time")
    def last(self, attempt: AccessAttempt) -> str:
        return ago(attempt.attempt_time)
