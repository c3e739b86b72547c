"""The page on which staff ask, and what its script calls."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from analytics.analyst.charts import KINDS
from analytics.analyst.dialogues import MAX_NAME_CHARS
from analytics.analyst.editing import editor_of
from analytics.analyst.services import question_ask, spec_ask
from analytics.analyst.suggesting import examples
from analytics.analyst.types import Answer, Asker
from analytics.analyst.wording import spec_name
from analytics.dashboards.pins import pin_create
from analytics.querying import result_csv, spec_read, spec_run
from omnicqm.common.errors import InvalidInput, OmniError
from omnicqm.common.text import identifier_check

PERMISSION = "analytics.view_dashboards"
MAX_BODY_BYTES = 20_000
_PINNED_AS = {"line": "lines", "area": "lines", "bar": "bars", "stacked": "bars", "pie": "pie", "table": "table"}


@require_safe
def ask_page(request: HttpRequest) -> HttpResponse:
    """The page. ``?q=`` is asked at once."""
    _allowed(request)
    context = {
        **admin.site.each_context(request),
        "title": "Ask",
        "is_fullwidth": "1",
        "examples": examples(),
        "addresses": {name: reverse(f"analyst:{name}") for name in ("answer", "csv", "pin")},
    }
    return render(request, "analytics/ask.html", context)


@require_POST
def ask_answer(request: HttpRequest) -> HttpResponse:
    """``{question, conversation}`` or ``{query, chart, conversation}`` → the answer with what can be changed of it."""
    _allowed(request)
    try:
        body = _body(request)
        answer = _answer(body, _asker(request))
    except OmniError as error:
        return _problem(error)
    return JsonResponse(_shown(answer))


@require_safe
def ask_csv(request: HttpRequest) -> HttpResponse:
    """The table of ``?query=`` (a spec as JSON) as a file."""
    _allowed(request)
    try:
        result = spec_run(spec_read(_json(request.GET.get("query", ""))))
    except OmniError as error:
        return HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
    period = result.spec.period
    response = HttpResponse(result_csv(result), content_type="text/csv; charset=utf-8")
    name = f"{result.metric.name}_{period.first}_{period.last}"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@require_POST
def ask_pin(request: HttpRequest) -> HttpResponse:
    """``{query, chart, title}`` → the answer is kept on the pinned dashboard of the user, with the days it is of."""
    _allowed(request)
    try:
        body = _body(request)
        spec = spec_read(body.get("query"))
        chart = _PINNED_AS[_chart(body) or "table"]
        chart = "columns" if chart == "bars" and spec.grain else chart
        title = _title(body.get("title"))
        pin_create(user=request.user, title=title, spec=spec, chart=chart, keeps_period=True)
    except OmniError as error:
        return _problem(error)
    return JsonResponse({"pinned": True, "href": reverse("dashboards:pinned")})


def _answer(body: Mapping[str, Any], asker: Asker) -> Answer:
    conversation = body.get("conversation") or ""
    if not isinstance(conversation, str) or len(conversation) > MAX_NAME_CHARS:
        raise InvalidInput("'conversation' is a short text.", param="conversation")
    conversation = identifier_check(conversation, param="conversation") if conversation else ""
    if "query" in body:
        spec = spec_read(body["query"])
        return spec_ask(spec=spec, asker=asker, conversation=conversation, chart=_chart(body))
    question = body.get("question")
    if not isinstance(question, str):
        raise InvalidInput("'question' is a text.", param="question")
    return question_ask(question=question, asker=asker, conversation=conversation)


def _shown(answer: Answer) -> dict[str, Any]:
    """The answer, and for the page: the spec in words, what can be changed, the kind of chart, titles of values."""
    shown = answer.dump()
    if answer.result and answer.spec:
        shown |= {
            "in_words": answer.in_words,
            "name": spec_name(answer.spec),
            "chart_kind": answer.chart_kind,
            "editor": editor_of(answer.spec),
            "time_zone": answer.result.time_zone,
            "sentence": answer.text,
        }
    return shown


def _chart(body: Mapping[str, Any]) -> str:
    chart = body.get("chart") or ""
    if chart and chart not in KINDS:
        raise InvalidInput(f"'chart' is {', '.join(KINDS)}.", param="chart")
    return str(chart)


def _title(title: object) -> str:
    if not isinstance(title, str):
        raise InvalidInput("A pin needs a title.", param="title")
    return title[:120]


def _body(request: HttpRequest) -> Mapping[str, Any]:
    if len(request.body) > MAX_BODY_BYTES:
        raise InvalidInput("That is too much for a question.")
    data = _json(request.body.decode("utf-8", errors="replace"))
    if not isinstance(data, dict):
        raise InvalidInput("Send an object.")
    return data


def _json(text: str) -> object:
    try:
        return json.loads(text) if len(text) <= MAX_BODY_BYTES else None
    except (ValueError, RecursionError):
        return None


def _problem(error: OmniError) -> JsonResponse:
    return JsonResponse({"detail": error.message, "code": error.code, "param": error.param}, status=error.status)


def _asker(request: HttpRequest) -> Asker:
    return Asker(f"user:{request.user.pk}")


def _allowed(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
