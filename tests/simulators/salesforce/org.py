"""What an org knows: who may sign in, its fields, its records. No HTTP in here."""

import threading
from dataclasses import dataclass, field
from typing import Any

import jwt

CLIENT_ID, CLIENT_SECRET = "3MVG9.simulated", "simulated secret"
USERNAME = "omnicqm@acme.example"
STANDARD = {
    "Subject": 255,
    "Description": 32000,
    "Status": 255,
    "Priority": 255,
    "Origin": 255,
    "AccountId": 18,
    "SuppliedName": 80,
    "SuppliedEmail": 80,
}
OURS = {"OmniCQM_Id__c": 40, "OmniCQM_Consultant__c": 80, "OmniCQM_Link__c": 255}
PICKLISTS = {"Status": {"New", "Working", "Escalated", "Closed"}, "Priority": {"High", "Medium", "Low"}}


class Refusal(Exception):
    """An answer that is an error, in the words of Salesforce's REST API."""

    def __init__(self, status: int, code: str, message: str = "refused", fields: list[str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.body: Any = [{"message": message, "errorCode": code, **({"fields": fields} if fields else {})}]


class SignInRefusal(Refusal):
    """The token endpoint has a shape of its own."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(400, error)
        self.body = {"error": error, "error_description": description}


@dataclass
class Org:
    """`calls` are (method, path) of every request that came, `failures` what went wrong in the simulator itself.

    `public_key` verifies signed tokens; `objects` are names of objects with their fields and most characters.
    """

    public_key: Any = None
    client_secret: str = CLIENT_SECRET
    objects: dict[str, dict[str, int]] = field(default_factory=lambda: {"Case": {**STANDARD, **OURS}})
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    accounts: dict[str, list[str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    calls: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: int = 0

    def sign_in(self, form: dict[str, str], basic: tuple[str, str] | None) -> str:
        """A new session; a JWT bearer token or client credentials."""
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            if basic != (CLIENT_ID, self.client_secret):
                raise SignInRefusal("invalid_client", "invalid client credentials")
        elif kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            self._assertion_check(form.get("assertion", ""))
        else:
            raise SignInRefusal("unsupported_grant_type", "grant type not supported")
        with self.lock:
            token = f"00D!session{len(self.calls)}"
            self.tokens.add(token)
        return token

    def _assertion_check(self, assertion: str) -> None:
        try:
            claims = jwt.decode(
                assertion, self.public_key, algorithms=["RS256"], audience="https://login.salesforce.com"
            )
        except jwt.InvalidTokenError as error:
            raise SignInRefusal("invalid_grant", "invalid assertion") from error
        if claims["iss"] != CLIENT_ID or claims["sub"] != USERNAME:
            raise SignInRefusal("invalid_grant", "user hasn't approved this app")

    def sessions_end(self) -> None:
        """As when an admin ends them, or two hours are over."""
        self.tokens.clear()

    def upsert(self, name: str, key: str, value: str, data: dict[str, Any]) -> tuple[str, bool]:
        """The record's id, and whether it is new. One at a time, as a unique external id has it."""
        with self.lock:
            self._data_check(name, key, data)
            rows = self.records.setdefault(name, [])
            found = [row for row in rows if row.get(key) == value]
            if len(found) > 1:
                refusal = Refusal(300, "")
                refusal.body = [f"/services/data/v62.0/sobjects/{name}/{row['Id']}" for row in found]
                raise refusal
            if found:
                found[0].update(data)
                return found[0]["Id"], False
            row = {"Id": self.new_id(), key: value, **data}
            rows.append(row)
            return row["Id"], True

    def _data_check(self, name: str, key: str, data: dict[str, Any]) -> None:
        if name not in self.objects or key not in self.objects[name]:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        for column, given in data.items():
            if column not in self.objects[name]:
                raise Refusal(400, "INVALID_FIELD", f"No such column '{column}' on sobject of type {name}")
            if isinstance(given, str) and len(given) > self.objects[name][column]:
                raise Refusal(400, "STRING_TOO_LONG", f"{column}: data value too large: {given}", [column])
            if given is not None and given not in PICKLISTS.get(column, {given}):
                told = f"{column}: bad value for restricted picklist field: {given}"
                raise Refusal(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", told, [column])

    def new_id(self) -> str:
        self.made += 1
        return f"500SIM{self.made:012d}"

    def cases(self) -> list[dict[str, Any]]:
        return self.records.get("Case", [])

    def account_ids(self, number: str) -> list[str]:
        return self.accounts.get(number, [])
