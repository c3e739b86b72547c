"""A model reads what the grammar does not: it fills in a spec, which is then checked like anybody's. It sees the
catalogue, the date and the question, and never a figure; what it writes is shown to nobody."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from agents.blocks import block_wrap, facts_wrap
from agents.errors import AgentError
from agents.privacy import Vault
from agents.prompts import PromptSet, prompts_load
from agents.providers.base import ModelMessage, ModelRequest, OutputSchema, Purpose, Text
from agents.routing import model_open
from analytics.analyst.charts import KINDS
from analytics.analyst.grammar.asked import Asked
from analytics.analyst.grammar.lexicon import Lexicon
from analytics.analyst.types import Asker
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS, metric_dimensions
from analytics.errors import SpecInvalid
from analytics.querying import Compare, Grain, spec_dump, spec_read
from omnicqm.common.errors import OmniError
from omnicqm.common.ids import new_id
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
FOLDER = Path(__file__).parent / "prompts"
SECONDS = 8.0
MAX_TOKENS = 500
MAX_OUTPUT_CHARS = 8_000
MOST_VALUES = 40  # of one dimension, told to a model

_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SPEC = OutputSchema(
    name="query_spec",
    description="One question as a query spec over the catalogue, or that it cannot be asked.",
    schema={
        "type": "object",
        "properties": {
            "understood": {"type": "boolean"},
            "reason": {"type": "string"},
            "metric": {"type": "string"},
            "dimensions": {"type": "array", "items": {"type": "string"}},
            "grain": {"enum": [*(grain.value for grain in Grain), None]},
            "period": {"type": "object", "properties": {"from": _DAY, "to": _DAY}, "required": ["from", "to"]},
            "compare": {"enum": [*(compare.value for compare in Compare), None]},
            "filters": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "dimension": {"type": "string"},
                        "op": {"enum": ["in", "not_in"]},
                        "values": {"type": "array", "items": {"type": "string"}},
                    },
                    "required": ["dimension", "values"],
                },
            },
            "top": {"type": ["integer", "null"]},
            "chart": {"enum": [*KINDS, None]},
        },
        "required": ["understood"],
    },
)


def model_understand(
    question: str, previous: Asked | None, *, today: date, lexicon: Lexicon, asker: Asker
) -> Asked | None:
    """What a model of the route makes of `question`; None when there is no model outside this process, when none
    answers in time, and when what it says is no spec of the catalogue."""
    deadline = time.monotonic() + SECONDS
    model = model_open(scope=asker.scope, run_id=new_id("ask"), deadline=deadline, vault=Vault())
    outside = tuple(stop for stop in model.stops if not stop.provider.capabilities.in_process)
    if not outside:
        return None
    try:
        reply = replace(model, stops=outside).converse(_request(question, previous, today, lexicon, deadline))
        return _asked(reply.text, question)
    except SpecInvalid as error:
        log.info("analyst_model_garbage", field=error.param)
    except (AgentError, OmniError) as error:
        log.info("analyst_without_model", error=error.code)
    return None


def _request(question: str, previous: Asked | None, today: date, lexicon: Lexicon, deadline: float) -> ModelRequest:
    facts: dict[str, Any] = {"today": today.isoformat(), "weekday": f"{today:%A}"}
    if previous:
        facts["spec_before"] = {**spec_dump(previous.spec), "text": ""}
    task = _prompts().fill("task", facts=facts_wrap(facts), question=block_wrap("question", question))
    return ModelRequest(
        purpose=Purpose.ANALYSE,
        system=_prompts().fill("system", catalogue=catalogue_say(lexicon)),
        messages=(ModelMessage("user", (Text(task),)),),
        deadline=deadline,
        output=_SPEC,
        max_tokens=MAX_TOKENS,
    )


def _asked(text: str, question: str) -> Asked | None:
    """Raises `SpecInvalid` for what the catalogue does not know."""
    data = _load(text)
    if data.get("understood") is not True:
        return None
    chart = data.get("chart")
    fields = ("metric", "dimensions", "grain", "period", "compare", "filters", "top")
    spec = spec_read({**{name: data.get(name) for name in fields}, "text": question})
    remark = "A model read this question: check the query below."
    return Asked(spec, chart if chart in KINDS else "", (remark,))


def _load(text: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text) if len(text) <= MAX_OUTPUT_CHARS else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise SpecInvalid("The model's answer is no spec.", param="query")
    return data


def catalogue_say(lexicon: Lexicon) -> str:
    """The catalogue as a model reads it. Values that other systems made up are left out: they are nobody's words."""
    metrics = [
        f"- {one.name}: {one.title}. {one.description} By: {', '.join(metric_dimensions(one))}."
        for one in METRICS.values()
    ]
    dimensions = []
    for name, dimension in DIMENSIONS.items():
        labels = {} if dimension.is_foreign else lexicon.labels.get(name, {})
        values = ", ".join(f"{value} ({label})" for value, label in list(labels.items())[:MOST_VALUES] if value)
        dimensions.append(f"- {name}: {dimension.description}" + (f" Values: {values}." if values else ""))
    return "\n".join(["Metrics:", *metrics, "Dimensions:", *dimensions])


def _prompts() -> PromptSet:
    return prompts_load(FOLDER, ("system", "task"))
