"""How runs are found among many: list filters whose choices cost an index look-up each, and a search by ids."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from agents.factors import FACTOR_WORDS
from agents.models import Run
from agents.selectors import category_titles
from agents.types import REPLAYS, Factor
from conversations.models import Channel, Escalation, Query
from feedback.judging.selectors import runs_overruled, runs_with_verdict
from feedback.models import Judgement
from omnicqm.common.cache import kept
from omnicqm.console.judging import VERDICT_WORDS

MOST_CHOICES = 60
MOST_QUERIES = 500  # of one conversation
FIRST_YEAR, LAST_YEAR = 1970, 9000
REMEMBERED = 60  # seconds that choices are believed


class CappedPaginator(Paginator):
    """Counts no further than anybody turns pages: a million rows would be counted for one number."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.MOST].count())


class ValueFilter(SimpleListFilter):
    """Runs by a column with few different values."""

    column: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, self.words(value)) for value in values_in_use(self.column)]

    def words(self, value: str) -> str:
        return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class ModelFilter(ValueFilter):
    title = "model"
    parameter_name = column = "model_used"


class PromptVersionFilter(ValueFilter):
    title = "prompt version"
    parameter_name = column = "prompt_version"


class CategoryFilter(ValueFilter):
    title = "category"
    parameter_name = column = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.titles = category_titles()
        return super().lookups(request, model_admin)

    def words(self, value: str) -> str:
        return self.titles.get(value, value)


class ScopeFilter(SimpleListFilter):
    """Runs by channel. Replays are runs that answered nobody: they are shown when they are asked for."""

    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((f"channel:{channel.pk}", str(channel)) for channel in Channel.objects.all()), (REPLAYS, "Replays")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(scope=self.value()) if self.value() else queryset.exclude(scope=REPLAYS)


class FactorFilter(SimpleListFilter):
    """Runs in which a factor was seen."""

    title = "factor"
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((factor.value, FACTOR_WORDS[factor].capitalize()) for factor in Factor), ("none", "None of them")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        if self.value() == "none":
            return queryset.filter(factors={}, state=Run.State.FINISHED)
        return queryset.filter(factors__has_key=self.value()) if self.value() else queryset


class VerdictFilter(SimpleListFilter):
    """Runs by what holds of what they wrote, as their pages show it: the judge's word, and people's before it."""

    title = "verdict of the judge"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*VERDICT_WORDS.items(), ("overruled", "Overruled by people"), ("none", "Not judged")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        wanted = self.value()
        if wanted == "none":
            judged = Judgement.objects.filter(run=OuterRef("pk"), state=Judgement.State.JUDGED)
            return queryset.exclude(Exists(judged))
        if wanted == "overruled":
            return runs_overruled(queryset)
        return runs_with_verdict(queryset, wanted) if wanted else queryset


class DaysFilter(RangeDateFilter):
    """Rows of the local days from and to, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        first, last = (self._day(end) for end in ("from", "to"))
        if first is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": last + timedelta(days=1)})
        return queryset

    def _day(self, end: str) -> datetime | None:
        day = parse_date_str(str(self.used_parameters.get(f"{self.field_path}_{end}") or ""))
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None  # at the ends of the calendar a day more, or another time zone, is no date any more
        return timezone.make_aware(datetime.combine(day, time.min))


def runs_find(queryset: QuerySet[Run], term: str) -> QuerySet[Run]:
    """Those of `queryset` that `term` names: a run, a query, an escalation, a conversation by id or reference, a scope,
    or the beginning of a prompt hash."""
    wanted = term.strip()
    if wanted.startswith("run_"):
        return queryset.filter(pk=wanted)
    queries = _queries_named(wanted)
    if queries is None:
        return queryset.filter(Q(scope=wanted) | Q(prompt_hash__startswith=wanted))
    found = list(queries.values_list("pk", "run_id")[:MOST_QUERIES])
    origins, runs = [pk for pk, _ in found], [run for _, run in found if run]
    return queryset.filter(Q(pk__in=runs) | Q(origin__in=origins))


def _queries_named(term: str) -> QuerySet[Query] | None:
    """The queries that `term` leads to; None when it is of another kind."""
    match term[:4].lower():
        case "qry_":
            return Query.objects.filter(pk=term)
        case "cnv_":
            return Query.objects.filter(conversation=term)
        case "esc_":
            of_one = Escalation.objects.filter(pk=term).values("query")
            return Query.objects.filter(Q(pk__in=of_one) | Q(answered_with__in=of_one))
    if term[:3].upper() == "CQ-":
        return Query.objects.filter(conversation__reference=term.upper())
    return None


def values_in_use(column: str) -> list[str]:
    """The different values of an indexed text column of runs, in order, at most `MOST_CHOICES`.

    From one value straight to the next along the index, where DISTINCT would read every run.
    """
    return kept(f"runs-values:{column}", REMEMBERED, lambda: _values_read(column))


def _values_read(column: str) -> list[str]:
    table, name = Run._meta.db_table, connection.ops.quote_name(column)
    statement = f"""
        WITH RECURSIVE seen(value, number) AS (
            SELECT (SELECT min({name}) FROM {table} WHERE {name} > ''), 1
            UNION ALL
            SELECT (SELECT min({name}) FROM {table} WHERE {name} > seen.value), number + 1
            FROM seen WHERE seen.value IS NOT NULL AND number < %s
        ) SELECT value FROM seen WHERE value IS NOT NULL
    """  # noqa: S608 - the names are our own
    with connection.cursor() as cursor:
        cursor.execute(statement, [MOST_CHOICES])
        return [value for (value,) in cursor.fetchall()]
