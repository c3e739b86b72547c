"""List filters that more than one page, or the home page's tiles, rely on."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from conversations.models import Delivery, FollowUp, Query
from feedback.models import Overruling


class ProgressFilter(SimpleListFilter):
    """Queries that are still pending, or done."""

    title = "progress"
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("pending", "Pending"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Query]) -> QuerySet[Query]:
        pending = Q(status__in=Query.PENDING)
        return queryset.filter({"pending": pending, "done": ~pending}.get(self.value() or "", Q()))


class OutcomeFilter(SimpleListFilter):
    """Deliveries that arrived, did not, or are on their way."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failed", "Failed or unknown"), ("waiting", "On its way"), ("delivered", "Delivered")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        states = {
            "failed": [Delivery.State.FAILED, Delivery.State.UNKNOWN],
            "waiting": [Delivery.State.PENDING, Delivery.State.SENDING],
            "delivered": [Delivery.State.DELIVERED],
        }
        chosen = states.get(self.value() or "")
        return queryset.filter(state__in=chosen) if chosen else queryset


class LatencyFilter(SimpleListFilter):
    """Insights by how long their callers waited."""

    title = "latency"
    parameter_name = "latency"
    _BANDS = {  # value: words, least and most milliseconds
        "instant": ("Below 250 ms", 0, 250),
        "quick": ("250 ms to 2 s", 250, 2000),
        "slow": ("2 to 5 s", 2000, 5000),
        "late": ("5 s and more", 5000, 2**31 - 1),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, words) for value, (words, _, _) in self._BANDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self._BANDS:
            return queryset
        _, least, most = self._BANDS[str(self.value())]
        return queryset.filter(latency_ms__gte=least, latency_ms__lt=most)


class FollowUpFilter(SimpleListFilter):
    """Follow-up tasks by what is to be done; without a choice only open ones."""

    title = "work"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("open", "To be done"),
            ("mine", "Mine"),
            ("unassigned", "Nobody's yet"),
            ("due", "Due today or before"),
            ("done", "Closed"),
            ("all", "All"),
        ]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "open") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        active = Q(state=FollowUp.State.OPEN)
        conditions = {
            "mine": active & Q(assignee=request.user.pk),
            "unassigned": active & Q(assignee__isnull=True),
            "due": active & Q(due_on__lte=timezone.localdate()),
            "done": ~active,
            "all": Q(),
        }
        return queryset.filter(conditions.get(self.value() or "open", active))


class OverruledFilter(SimpleListFilter):
    """Judgements that people have overruled, or not."""

    title = "overruled"
    parameter_name = "overruled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Overruled by people"), ("no", "As the judge said")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        overruled = Q(Exists(Overruling.objects.filter(judgement=OuterRef("pk"), is_current=True)))
        return queryset.filter({"yes": overruled, "no": ~overruled}.get(self.value() or "", Q()))
