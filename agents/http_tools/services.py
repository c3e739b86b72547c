"""HTTP tools offered to runs, called, and tried out by an admin."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from agents.errors import AgentError, ToolCrashed, ToolError
from agents.http_tools.answers import answer_read, status_words
from agents.http_tools.checking import host_is_allowed, secret_check
from agents.http_tools.effects import NotSent, effect_once
from agents.http_tools.signing import sign_in_headers
from agents.http_tools.templates import Values, body_fill, url_fill
from agents.models.http_tools import HttpTool
from agents.tools.toolbox import arguments_check
from agents.types import Tool, ToolCall
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.logs import get_logger
from omnicqm.common.outgoing import OutgoingAnswer, OutgoingFailed, OutgoingRefused, OutgoingUnknown, outgoing_send
from omnicqm.common.services import audit_record

log = get_logger(__name__)
ACTOR = "system:worker"
MIN_SECONDS = 0.2
MAX_TRIAL_SECONDS = 15.0


def http_tools_offer(*, scope: str, variables: Mapping[str, str], taken: Collection[str]) -> list[Tool]:
    """The enabled tools for runs of `scope`. One whose name is `taken` is left out: it must not stop a run."""
    offered = []
    for row in HttpTool.objects.filter(enabled=True):
        if row.scopes and scope not in row.scopes:
            continue
        if row.name in taken:
            log.error("http_tool_name_taken", tool=row.pk, name=row.name)
            continue
        offered.append(tool_build(row, variables))
    return offered


def tool_build(row: HttpTool, variables: Mapping[str, str]) -> Tool:
    """`row` as a tool of one run. `variables` are what the server knows of its customer."""

    def call(this: ToolCall, **arguments: Any) -> Any:
        return http_tool_call(tool=row, call=this, values=Values(arguments, variables))

    return Tool(
        name=row.name,
        description=row.description,
        schema=schema_of(row),
        call=call,
        effect="writes" if row.effect == HttpTool.Effect.WRITES else "reads",
        needs_verified=row.needs_verified,
        takes_call=True,
        citable=True,
        title=row.title,
    )


def schema_of(row: HttpTool) -> dict[str, Any]:
    """The arguments of `row`; whatever its schema says, there are no others."""
    return {**row.arguments, "additionalProperties": False}


@dataclass
class Exchange:
    """One request as it went out, without secrets, and what became of it. `status` is 0 while there is no answer."""

    method: str
    url: str = ""
    status: int = 0
    latency_ms: int = 0
    data: Any = None
    error: str = ""


def http_tool_call(*, tool: HttpTool, call: ToolCall, values: Values) -> Any:
    """Send the request of `tool`; the data of the answer. Every call is in the audit trail, with ids and codes only.

    Raises `ToolError` in words for a model, and `ToolCrashed` when a write may or may not have happened.
    """
    exchange = Exchange(tool.method)
    _audited(tool, call, values, exchange, ACTOR)
    return exchange.data


def _audited(tool: HttpTool, call: ToolCall, values: Values, exchange: Exchange, actor: str) -> None:
    started = time.monotonic()
    try:
        exchange.data = _carry_out(tool, call, values, exchange)
    except AgentError as error:
        exchange.error = error.code
        raise
    finally:
        exchange.latency_ms = round((time.monotonic() - started) * 1000)
        details = {"run_id": call.run_id, "status": exchange.status, "ms": exchange.latency_ms, "error": exchange.error}
        audit_record(actor=actor, action="http_tool.called", obj=tool, details=details)


def http_tool_try(*, tool: HttpTool, arguments: Mapping[str, Any], server: Mapping[str, str], actor: str) -> Exchange:
    """What the tool would give the agent, for an admin to look at; `error` holds the words the agent would read.

    A tool that writes really writes. Each trial has a key of its own.
    """
    call = ToolCall(f"try-{uuid4().hex}", "", time.monotonic() + MAX_TRIAL_SECONDS)
    exchange = Exchange(tool.method)
    try:
        arguments_check(schema_of(tool), arguments)
        _audited(tool, call, Values(arguments, server), exchange, actor)
    except AgentError as error:
        exchange.error = error.message
    return exchange


def http_tool_secret_set(*, tool: HttpTool, secret: str) -> None:
    """Keep `secret`, sealed; the caller saves the row. Raises `InvalidInput` for one that cannot be sent."""
    secret_check(secret)
    tool.secret_set(secret)


def _carry_out(tool: HttpTool, call: ToolCall, values: Values, exchange: Exchange) -> Any:
    def send() -> Any:
        answer = _send(tool, call, values, exchange)
        if tool.effect == HttpTool.Effect.READS:
            return answer_read(answer, tool.pointers)
        return _written(tool, answer)

    if tool.effect == HttpTool.Effect.READS:
        try:
            return send()
        except NotSent as error:
            raise error.cause from error
    return effect_once(tool, call, send)


def _written(tool: HttpTool, answer: OutgoingAnswer) -> Any:
    """What a write came back with. Raises `NotSent` where the service says that it did nothing, `ToolCrashed` where it
    does not say."""
    if answer.is_success:
        try:
            return answer_read(answer, tool.pointers)
        except ToolError as error:  # done all the same
            return {"status": "done", "note": error.message}
    if 300 <= answer.status < 500 or answer.status == 503:
        raise NotSent(ToolError(status_words(answer.status)))
    raise ToolCrashed(f"{tool.name} failed ({answer.status}): it is not known whether it was carried out.")


def _send(tool: HttpTool, call: ToolCall, values: Values, exchange: Exchange) -> OutgoingAnswer:
    """The answer, whatever its status. Raises `NotSent` before the request left, `ToolError` or, for a write,
    `ToolCrashed` when no answer came."""
    try:
        url, content, headers = _request(tool, call, values)
    except AgentError as error:
        raise NotSent(error) from error
    exchange.url = url
    timeout = min(tool.timeout, call.deadline - time.monotonic())
    if timeout < MIN_SECONDS:
        raise NotSent(ToolError("There is no time left to ask the service."))
    try:
        answer = outgoing_send(
            tool.method, url, headers=headers, content=content, timeout=timeout, max_bytes=tool.max_bytes
        )
    except OutgoingUnknown as error:
        if tool.effect == HttpTool.Effect.READS:
            raise ToolError("The service did not answer in time.") from error
        raise ToolCrashed(f"No answer from {tool.name}: it is not known whether it was carried out.") from error
    except (OutgoingFailed, OutgoingRefused) as error:
        log.warning("http_tool_not_sent", tool=tool.pk, code=error.code)
        raise NotSent(ToolError("The service cannot be reached now.")) from error
    exchange.status = answer.status
    return answer


def _request(tool: HttpTool, call: ToolCall, values: Values) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers. Raises `ToolError`."""
    url = url_fill(tool.url, values)
    if not host_is_allowed(url, tool.hosts):  # the row may have changed past its checks
        raise ToolError("This tool may not be used: its host is not allowed.")
    content = b"" if tool.body is None else body_fill(tool.body, values)
    headers = {"Accept": "application/json, text/plain"}
    if content:
        headers["Content-Type"] = "application/json"
    if tool.effect == HttpTool.Effect.WRITES:
        headers["Idempotency-Key"] = call.key
    try:
        return url, content, headers | sign_in_headers(tool)
    except ConfigurationError as error:
        log.error("http_tool_secret_unreadable", tool=tool.pk)
        raise ToolError("This tool cannot be used now: an admin has to enter its secret again.") from error
