"""AWS Lambda of an Amazon Connect flow: asks OmniCQM for the summary of the caller's recent interactions.

Connect waits for a flow's function 8 seconds at most and takes a flat object of texts. So this one answers within
`SECONDS`, whatever OmniCQM and the network do, and never raises: when there is no summary it says so, and why, in
`omnicqm_status` and `omnicqm_error`. README.md tells how to set it up, attributes.md what goes in and comes out.

Nothing but Python's standard library. Sources: Amazon Connect API Reference, InvokeLambdaFunction; AWS Lambda Developer
Guide, "Use Secrets Manager secrets in Lambda functions".
"""

import hashlib
import http.client
import json
import os
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

SECONDS = 7.2  # Connect hangs up at 8, which a cold start counts against too
RESERVE_SECONDS = 0.3  # kept of what Lambda itself leaves
MAX_ANSWER_BYTES = 256 * 1024
MAX_SUMMARY_BYTES = 16_000  # of the 32,768 that all attributes of a contact may have together
TOKEN_MARGIN_SECONDS = 60
UNAVAILABLE = "The summary is not available at the moment. Please ask the customer."
NO_ACCOUNT = "The customer's account is not known yet. Please ask the customer."

Json = dict[str, Any]
Attributes = dict[str, str]

_token: dict[str, Any] = {"value": "", "until": 0.0}  # kept as long as this copy of the function stays warm


class Failed(Exception):
    """There is no summary. `code` is for flows and reports: short, the same for the same cause, nothing personal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def lambda_handler(event: Any, context: Any) -> Attributes:
    """The attributes for the flow, all of them texts, whatever happens."""
    deadline = time.monotonic() + min(SECONDS, _left_of(context))
    asked: Json = {}
    try:
        asked = insight_request(event)
        answer = _within(deadline, lambda: insight_ask(asked, deadline))
        return attributes_of(answer)
    except Failed as failure:
        code = failure.code
    except Exception as error:
        code = f"unexpected_{type(error).__name__}"
    print(json.dumps({"event": "omnicqm_no_summary", "error": code, "contact_id": asked.get("contact_id", "")}))
    return no_summary(code, asked)


def _left_of(context: Any) -> float:
    """Seconds until Lambda ends this call."""
    if not hasattr(context, "get_remaining_time_in_millis"):
        return SECONDS
    return max(context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS, 0.1)


# --- From the flow's event to a request, and from the answer to attributes -------------------------------------------
def insight_request(event: Any) -> Json:
    """The body for ``POST /api/v1/omni-channel-insights``. What the block's parameters say comes before the contact's
    own attributes. The same contact with the same words has the same `unique_process_id`: when Connect or Lambda repeat
    a call, they get the answer of the first. Raises `Failed`."""
    try:
        contact = event["Details"]["ContactData"]
        given = {**(contact.get("Attributes") or {}), **(event["Details"].get("Parameters") or {})}
        contact_id = contact["ContactId"]
    except (KeyError, TypeError) as error:
        raise Failed("not_a_contact") from error
    body = {
        "account_number": str(given.get("account_number") or "").strip(),
        "contact_id": contact_id,
        "initial_contact_id": contact.get("InitialContactId") or contact_id,
        "ivr_intent": given.get("ivr_intent") or "misc",
    }
    if not body["account_number"]:
        raise Failed("no_account")
    body |= {name: _whole_number(given, name) for name in ("max_history_days", "max_interactions") if given.get(name)}
    if given.get("channel_filter"):
        body["channel_filter"] = given["channel_filter"]
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return body | {"unique_process_id": f"{contact_id}-{digest[:16]}"}


def _whole_number(given: Json, name: str) -> int:
    try:
        return int(given[name])
    except ValueError as error:
        raise Failed(f"invalid_{name}") from error


def attributes_of(answer: Json) -> Attributes:
    """What the flow gets of an answer."""
    return {
        "omnicqm_status": "none" if answer["model_used"] == "none" else "ok",
        "omnicqm_summary": cut(answer["summary"], MAX_SUMMARY_BYTES),
        "omnicqm_request_id": answer["request_id"],
        "omnicqm_unique_process_id": answer["unique_process_id"],
        "omnicqm_date_range": answer["date_range"],
        "omnicqm_model_used": answer["model_used"],
        "omnicqm_cache_hit": str(answer["cache_hit"]).lower(),
        "omnicqm_error": "",
    }


def no_summary(code: str, asked: Json) -> Attributes:
    """The same attributes when there is none. It is never made up."""
    known = code != "no_account"
    return {
        "omnicqm_status": "error" if known else "no_account",
        "omnicqm_summary": UNAVAILABLE if known else NO_ACCOUNT,
        "omnicqm_request_id": "",
        "omnicqm_unique_process_id": asked.get("unique_process_id", ""),
        "omnicqm_date_range": "",
        "omnicqm_model_used": "none",
        "omnicqm_cache_hit": "false",
        "omnicqm_error": code,
    }


def cut(text: str, size: int) -> str:
    """`text` in at most `size` bytes of UTF-8, at the end of a sentence where one is near, with … where it was cut."""
    if len(text.encode()) <= size:
        return text
    kept = text.encode()[: size - 3].decode(errors="ignore")
    end = kept.rfind(". ") + 1
    return (kept[:end] if end > len(kept) // 2 else kept).rstrip() + "…"


# --- Asking OmniCQM --------------------------------------------------------------------------------------------------
def insight_ask(asked: Json, deadline: float) -> Json:
    """The answer to the request `asked`. A token that is no longer valid is renewed once. Raises `Failed`."""
    for token in (_token_get, _token_renew):
        status, answer = _post_json("/api/v1/omni-channel-insights", asked, token(deadline), deadline)
        if status != 401:
            break
    if status == 200 and {"summary", "model_used", "request_id", "unique_process_id"} <= answer.keys():
        return answer
    raise Failed(f"answered_{status}_{answer.get('code', 'unreadable')}" if status != 200 else "answered_unreadable")


def _token_get(deadline: float) -> str:
    return str(_token["value"]) if time.monotonic() < _token["until"] else _token_renew(deadline)


def _token_renew(deadline: float) -> str:
    client_id, secret = _credentials(deadline)
    form = f"grant_type=client_credentials&client_id={quote(client_id, '')}&client_secret={quote(secret, '')}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = _request(_address("OMNICQM_URL"), "POST", "/oauth/token", form.encode(), headers, deadline)
    if status != 200 or not isinstance(answer.get("access_token"), str):
        raise Failed(f"token_{status}_{answer.get('error') or answer.get('code', 'unreadable')}")
    lives = float(answer.get("expires_in", 3600)) - TOKEN_MARGIN_SECONDS
    _token.update(value=answer["access_token"], until=time.monotonic() + lives)
    return str(answer["access_token"])


def _credentials(deadline: float) -> tuple[str, str]:
    """Client id and secret: from Secrets Manager through AWS's Lambda extension, or from the environment."""
    secret_id = os.environ.get("OMNICQM_SECRET_ID")
    if not secret_id:
        return _environment("OMNICQM_CLIENT_ID"), _environment("OMNICQM_CLIENT_SECRET")
    place = urlsplit(f"http://localhost:{os.environ.get('PARAMETERS_SECRETS_EXTENSION_HTTP_PORT', '2773')}")
    headers = {"X-Aws-Parameters-Secrets-Token": os.environ.get("AWS_SESSION_TOKEN", "")}
    path = f"/secretsmanager/get?secretId={quote(secret_id, '')}"
    status, answer = _request(place, "GET", path, None, headers, deadline)
    try:
        secret = json.loads(answer["SecretString"])
        return secret["client_id"], secret["client_secret"]
    except (KeyError, TypeError, ValueError) as error:
        raise Failed(f"secret_{status}") from error


def _environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise Failed(f"{name}_not_set")
    return value


def _address(name: str) -> SplitResult:
    """Credentials and customers' matters go over https only; over http to this machine itself, for trying out."""
    place = urlsplit(_environment(name))
    if not place.hostname or (place.scheme != "https" and place.hostname not in ("localhost", "127.0.0.1")):
        raise Failed(f"{name}_not_https")
    return place


def _post_json(path: str, body: Json, token: str, deadline: float) -> tuple[int, Json]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    return _request(_address("OMNICQM_URL"), "POST", path, json.dumps(body).encode(), headers, deadline)


def _request(
    place: SplitResult, method: str, path: str, body: bytes | None, headers: dict[str, str], deadline: float
) -> tuple[int, Json]:
    """Status and JSON object of an answer, {} for anything else. Follows no redirect. Raises `Failed`."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failed("timeout")
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.hostname or "", place.port, timeout=left)
    try:
        connection.request(method, place.path.rstrip("/") + path, body, headers)
        response = connection.getresponse()
        return response.status, _object(response.read(MAX_ANSWER_BYTES))
    except TimeoutError as error:
        raise Failed("timeout") from error
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"no_connection_{type(error).__name__}") from error
    finally:
        connection.close()


def _object(content: bytes) -> Json:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _within(deadline: float, work: Callable[[], Json]) -> Json:
    """What `work` returns, by `deadline`: a socket's own timeout begins anew with every byte. Raises `Failed`."""
    results = SimpleQueue[tuple[Json, Exception | None]]()

    def run() -> None:
        try:
            results.put((work(), None))
        except Exception as error:
            results.put(({}, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = results.get(timeout=max(deadline - time.monotonic(), 0.01))
    except Empty:
        raise Failed("timeout") from None
    if error is not None:
        raise error
    return result
