"""The page of one run: the timeline, why it decided so, what it wrote, and the way to do it again."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from agents.factors import BLOCKER_WORDS, FACTOR_WORDS
from agents.models import Run, RunReplay, RunStep
from agents.types import Blocker, Factor
from conversations.models import Query
from omnicqm.common.models import Attempt
from omnicqm.console.explorer.timeline import Timeline, timeline_of
from omnicqm.console.judging import VIEW as MAY_SEE_JUDGEMENTS
from omnicqm.console.judging import JudgementCard, judgement_cards
from omnicqm.console.tracing import trace_show

MAY_REPLAY = "agents.add_runreplay"
MOST_ATTEMPTS = 200


@dataclass(frozen=True)
class Link:
    """Another place that tells of the run."""

    title: str
    url: str
    icon: str


@dataclass(frozen=True)
class FactorLine:
    title: str
    count: int
    weight: int
    evidence: list[str]

    @property
    def points(self) -> int:
        return self.count * self.weight


@dataclass(frozen=True)
class RunPage:
    run: Run
    timeline: Timeline
    attempts: list[Attempt]
    factors: list[FactorLine]
    blockers: list[str]
    links: list[Link]
    replays: list[RunReplay]
    repeats: RunReplay | None
    judgement: JudgementCard | None
    trace: str | SafeString

    @property
    def tokens(self) -> int:
        return self.run.input_tokens + self.run.output_tokens

    @property
    def ledger_cost(self) -> Decimal:
        return sum((attempt.cost_usd for attempt in self.attempts), Decimal(0))


def run_view(request: HttpRequest, *, site: AdminSite, run: Run) -> HttpResponse:
    """Show `run`. The caller has checked that its reader may view runs."""
    page = run_page(request, run)
    context = {
        **site.each_context(request),
        "title": "Run",
        "page": page,
        "run": run,
        "may_replay": request.user.has_perm(MAY_REPLAY) and page.repeats is None and run.finished_at is not None,
    }
    return render(request, "console/explorer/run.html", context)


def run_page(request: HttpRequest, run: Run) -> RunPage:
    """Everything the page shows, in a number of queries that does not grow with the run."""
    attempts = list(Attempt.objects.filter(run_id=run.pk).order_by("at", "id")[:MOST_ATTEMPTS])
    steps = list(RunStep.objects.filter(run=run).order_by("index"))
    return RunPage(
        run=run,
        timeline=timeline_of(run, steps, attempts),
        attempts=attempts,
        factors=factor_lines(run),
        blockers=[_blocker_words(code) for code in run.blockers],
        links=_links(request, run),
        replays=list(RunReplay.objects.filter(original=run).select_related("run")[:20]),
        judgement=_judgement(request, run),
        repeats=RunReplay.objects.filter(run=run).select_related("original").first(),
        trace=trace_show(run),
    )


def _judgement(request: HttpRequest, run: Run) -> JudgementCard | None:
    return judgement_cards([run.pk]).get(run.pk) if request.user.has_perm(MAY_SEE_JUDGEMENTS) else None


def factor_lines(run: Run) -> list[FactorLine]:
    """The factors that were seen, in the order of their definition."""
    seen = [(factor, run.factors[factor.value]) for factor in Factor if factor.value in run.factors]
    return [
        FactorLine(FACTOR_WORDS[factor].capitalize(), found["count"], found["weight"], list(found["evidence"]))
        for factor, found in seen
    ]


def _blocker_words(code: str) -> str:
    words = BLOCKER_WORDS[Blocker(code)] if code in list(Blocker) else code.replace("_", " ")
    return words[:1].upper() + words[1:]


def _links(request: HttpRequest, run: Run) -> list[Link]:
    """Where else to look, as far as the reader may."""
    queries = Query.objects.select_related("conversation")
    query = queries.filter(run=run).first() or queries.filter(pk=run.origin).first()
    if query is None or not request.user.has_perm("conversations.view_conversation"):
        return []
    conversation = reverse("admin:conversations_conversation_change", args=[query.conversation_id])
    return [
        Link(query.conversation.reference, conversation, "forum"),
        Link("Query", reverse("admin:conversations_query_change", args=[query.pk]), "mark_email_unread"),
    ]
