"""A case is put into Salesforce by our id (upsert by external id), with simple-salesforce.

How Salesforce answers: 201 made, 200 changed, 300 the id is in several records, 400 with codes and fields, 401 when the
session is over (the library signs in again), 403, 404 for an object or field it does not know.
https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html
"""

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conversations.crm.errors import CaseHeld, CaseRefused, CrmAway
from conversations.crm.fields import Values
from conversations.crm.mapping import CrmMapping
from conversations.crm.salesforce.options import SalesforceOptions
from conversations.crm.salesforce.session import session_make, try_begin
from omnicqm.common.errors import OmniError

if TYPE_CHECKING:
    from simple_salesforce import Salesforce
    from simple_salesforce.exceptions import SalesforceError

API_VERSION = "62.0"
_REMOTE_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CODE = re.compile(r"[A-Za-z_]{1,60}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}")
_HELD = {"UNABLE_TO_LOCK_ROW", "DUPLICATE_VALUE", "QUERY_TIMEOUT"}  # two at once; it is over in a moment
_LIMIT = "REQUEST_LIMIT_EXCEEDED"
_LIMIT_WAIT = 900.0
# What no case can be told until somebody mends it, here or in Salesforce.
_SET_UP = {
    *("INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "INVALID_SESSION_ID", "API_DISABLED_FOR_ORG"),
    *("INSUFFICIENT_ACCESS", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY"),
}

_signed_in: dict[SalesforceOptions, "Salesforce"] = {}
_signing_in = threading.Lock()


@dataclass(frozen=True)
class Sent:
    """The record: its id, and where people open it."""

    remote_id: str
    url: str


def salesforce_put(options: SalesforceOptions, external_id: str, values: Values, *, erased: bool) -> Sent:
    """Make or change the record of `external_id`, so that it says `values`; with `erased` its link to an account goes
    too. Putting the same again changes nothing.

    Raises `CaseRefused`, `CaseHeld` and `CrmAway`; the last two, and what `omnicqm.common.outgoing` raises, are worth
    another try, also when it is not known whether this one arrived.
    """
    from simple_salesforce.exceptions import SalesforceError  # takes seconds to load, which only side work spends

    try_begin()
    try:
        client = _client(options)
        fields = options.mapping.apply(values) | _account(client, options.mapping, values["account"], erased)
        return _upsert(client, options, external_id, fields)
    except SalesforceError as error:
        if error.status in (401, 403):
            signed_in_forget()
        raise _meaning(error, options.mapping) from error
    except OmniError:
        raise
    except Exception as error:  # the library trusts what it is told
        signed_in_forget()
        raise CrmAway(f"Salesforce gave an answer that makes no sense ({type(error).__name__}).") from error


def _upsert(client: "Salesforce", options: SalesforceOptions, external_id: str, fields: Values) -> Sent:
    mapping = options.mapping
    key = f"{mapping.external_id}/{quote(external_id, safe='')}"
    answer = getattr(client, mapping.object).upsert(key, fields, raw_response=True)
    remote_id = str(answer.json()["id"])
    if not _REMOTE_ID.fullmatch(remote_id):
        raise ValueError("no id of Salesforce")
    return Sent(remote_id, f"https://{options.domain}.salesforce.com/{remote_id}")


def _account(client: "Salesforce", mapping: CrmMapping, number: str | None, erased: bool) -> Values:
    """The case's link to the account of this number. Without one, or with several of it, whatever link people have
    made in Salesforce stays."""
    from simple_salesforce.format import format_soql

    target = mapping.account_target
    if target is None or not (number or erased):
        return {}
    if not number:
        return {target: None}
    asked = f"SELECT Id FROM {mapping.account_object} WHERE {mapping.account_field} = {{}} LIMIT 2"  # noqa: S608
    found = client.query(format_soql(asked, number))["records"]
    return {target: str(found[0]["Id"])} if len(found) == 1 else {}


def _client(options: SalesforceOptions) -> "Salesforce":
    """Signed in; of this process, for as long as Salesforce lets it."""
    with _signing_in:
        if options not in _signed_in:
            _signed_in.clear()
            _signed_in[options] = _sign_in(options)
        return _signed_in[options]


def _sign_in(options: SalesforceOptions) -> "Salesforce":
    from simple_salesforce import Salesforce

    common: dict[str, Any] = {"session": session_make(options.endpoint), "version": API_VERSION}
    if options.private_key:
        return Salesforce(
            username=options.username,
            consumer_key=options.client_id,
            privatekey=options.private_key,
            domain=options.login,
            instance_url=options.domain,
            **common,
        )
    return Salesforce(
        consumer_key=options.client_id, consumer_secret=options.client_secret, domain=options.domain, **common
    )


def signed_in_forget() -> None:
    """Sign in anew for the next case."""
    with _signing_in:
        _signed_in.clear()


def _meaning(error: "SalesforceError", mapping: CrmMapping) -> OmniError:
    """What to do about it. Of what Salesforce wrote only codes and names of fields are repeated: its sentences quote
    values."""
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed

    if isinstance(error, SalesforceAuthenticationFailed):
        return CrmAway(_sign_in_refused(error))
    codes, fields = _told(error.content)
    told = f"{error.status} {', '.join(codes)}".strip()
    if _LIMIT in codes:
        return CrmAway("Salesforce's limit of requests a day is used up.", retry_after=_LIMIT_WAIT)
    if error.status == 300:
        twice = f"{mapping.external_id} is in several records of {mapping.object}"
        return CaseRefused(f"{twice}: delete all but one, and make the field unique. Then send it again.")
    if _HELD & set(codes):
        return CaseHeld(f"Salesforce has the record in use ({told}).")
    if error.status in (401, 403, 404) or _is_set_up(codes):
        place = f"object {mapping.object}, field {mapping.external_id}, the other fields of the mapping"
        return CrmAway(f"Salesforce does not accept our set-up ({told}). Check {place}, and the user's permissions.")
    if error.status >= 500:
        return CrmAway(f"Salesforce failed ({told}).")
    named = f" Fields: {', '.join(fields)}." if fields else ""
    return CaseRefused(f"Salesforce refused the case ({told}).{named} Correct them in Salesforce or in the mapping.")


def _is_set_up(codes: list[str]) -> bool:
    return any(code in _SET_UP or code.startswith("INSUFFICIENT_ACCESS") for code in codes)


def _sign_in_refused(error: "SalesforceError") -> str:
    code = str(getattr(error, "code", ""))
    named = f" ({code})" if _CODE.fullmatch(code) or code.isdigit() else ""
    check = "OMNICQM_SALESFORCE_DOMAIN, _CLIENT_ID, and _CLIENT_SECRET or _USERNAME and _KEY_FILE"
    return f"Salesforce refused our sign-in{named}. Check {check}, and the app's user."


def _told(content: Any) -> tuple[list[str], list[str]]:
    """Codes and names of fields, and nothing that only looks like them."""
    codes, fields = [], []
    for entry in content if isinstance(content, list) else []:
        if isinstance(entry, dict):
            codes += [code for code in [str(entry.get("errorCode", ""))] if _CODE.fullmatch(code)]
            named = entry.get("fields") or []
            fields += [str(name) for name in named if _FIELD.fullmatch(str(name))] if isinstance(named, list) else []
    return codes[:5], fields[:10]
