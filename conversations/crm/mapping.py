"""Which of our fields go where in Salesforce. `docs/crm-cases.md` explains the file that changes it.

The default fills the standard object Case with what helps to find and route it, and no message text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.crm.fields import FIELDS, Values
from omnicqm.common.errors import ConfigurationError

VARIABLE = "OMNICQM_SALESFORCE_MAPPING"
MAX_BYTES = 100_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_TRANSLATED = ("status", "priority", "channel", "category", "service_level", "queue", "resolution")

DEFAULT: Mapping[str, Any] = {
    "object": "Case",
    "external_id": "OmniCQM_Id__c",
    "fields": {
        "Subject": "title",
        "Description": "summary",
        "Status": "status",
        "Priority": "priority",
        "Origin": "channel",
        "AccountId": "account",
        "OmniCQM_Consultant__c": "consultant",
        "OmniCQM_Link__c": "link",
    },
    "values": {
        "status": {
            "open": "New",
            "assigned": "Working",
            "waiting": "Working",
            "answered": "Closed",
            "closed": "Closed",
            "resolved": "Closed",
        },
        "priority": {"1": "High", "2": "High", "3": "Medium", "4": "Low"},
        "channel": {"email": "Email", "chat": "Web", "api": "Web"},
    },
    "account": {"object": "Account", "field": "AccountNumber"},
}


@dataclass(frozen=True)
class CrmMapping:
    """`fields` are names of the CRM with ours; `values` translate what a field of ours says. An account number is
    looked for in `account_field` of `account_object`, whose record's id is what the CRM gets."""

    object: str
    external_id: str
    fields: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    account_object: str
    account_field: str

    @property
    def account_target(self) -> str | None:
        """The CRM's field that links the case to the account; None when no field does."""
        return next((name for name, ours in self.fields.items() if ours == "account"), None)

    def apply(self, values: Values) -> Values:
        """What the CRM's fields are to hold, without the link to an account, which has to be looked up."""
        return {name: self._value(ours, values[ours]) for name, ours in self.fields.items() if ours != "account"}

    def _value(self, ours: str, value: str | None) -> str | None:
        return self.values.get(ours, {}).get(value, value) if value is not None else None


def mapping_read(path: str) -> CrmMapping:
    """The default, with what the JSON file at `path` says otherwise. Raises `ConfigurationError` that names the file,
    the place in it and what may stand there."""
    given = _load(path) if path else {}
    unknown = sorted(set(given) - set(DEFAULT))
    if unknown:
        raise _wrong(path, f"has no part '{unknown[0]}'. Known: {', '.join(DEFAULT)}")
    whole = {**DEFAULT, **given}
    account = whole["account"]
    if not isinstance(account, dict) or set(account) != {"object", "field"}:
        raise _wrong(path, "account is an object with 'object' and 'field', where account numbers are looked for")
    return CrmMapping(
        object=_name(path, "object", whole["object"]),
        external_id=_name(path, "external_id", whole["external_id"]),
        fields=_fields(path, whole["fields"]),
        values=_values(path, {**DEFAULT["values"], **_object(path, "values", whole["values"])}),
        account_object=_name(path, "account.object", account["object"]),
        account_field=_name(path, "account.field", account["field"]),
    )


def _load(path: str) -> dict[str, Any]:
    try:
        content = Path(path).read_bytes()
        given = json.loads(content[:MAX_BYTES])
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise _wrong(path, f"cannot be read: {told}") from error
    return _object(path, "the whole", given)


def _fields(path: str, given: Any) -> dict[str, str]:
    fields = _object(path, "fields", given)
    for name, ours in fields.items():
        _name(path, "fields", name)
        if not isinstance(ours, str) or ours not in FIELDS:
            raise _wrong(path, f"fields.{name} is '{ours}'. Choose one of: {', '.join(FIELDS)}")
    if list(fields.values()).count("account") > 1:
        raise _wrong(path, "fields name 'account' twice; one field holds the link")
    return fields


def _values(path: str, given: dict[str, Any]) -> dict[str, dict[str, str]]:
    for ours, table in given.items():
        if ours not in _TRANSLATED:
            raise _wrong(path, f"values has '{ours}'. Values of these are translated: {', '.join(_TRANSLATED)}")
        if not all(isinstance(value, str) for value in _object(path, f"values.{ours}", table).values()):
            raise _wrong(path, f"values.{ours} holds something else than texts")
    return given


def _object(path: str, place: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _wrong(path, f"{place} is to be an object: {{…}}")
    return given


def _name(path: str, place: str, given: Any) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise _wrong(path, f"{place} holds '{given}', which is no API name such as OmniCQM_Id__c")
    return given


def _wrong(path: str, told: str) -> ConfigurationError:
    return ConfigurationError(f"{VARIABLE} ({path}): {told}.", param=VARIABLE)
