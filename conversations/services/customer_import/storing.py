"""From customer records to customers: who is meant, what changes, what contradicts what we know."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from conversations.identity import customer_merge, identity_attach, identity_normalise
from conversations.identity.services import identity_verify
from conversations.models import Customer, Identity
from conversations.services.customer_import.reading import CustomerRecord, LineProblem
from omnicqm.common.errors import InvalidInput
from omnicqm.common.services import audit_record

SOURCE = "import"
_KINDS = {
    "account": Identity.Kind.ACCOUNT,
    "email": Identity.Kind.EMAIL,
    "phone": Identity.Kind.PHONE,
    "mobile": Identity.Kind.PHONE,
}
_DECIDING = (Identity.Kind.ACCOUNT, Identity.Kind.EMAIL)  # a phone may be a family's: it decides only when alone


class Stored(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass
class _Line:
    """What is known about one record before anything is written."""

    record: CustomerRecord
    wanted: dict[tuple[str, str], str] = field(default_factory=dict)  # (kind, value) -> column
    known: dict[tuple[str, str], Identity] = field(default_factory=dict)
    problems: list[LineProblem] = field(default_factory=list)
    notices: list[LineProblem] = field(default_factory=list)

    def owner_by(self, kind: str) -> Customer | None:
        return next((identity.customer for (k, _), identity in self.known.items() if k == kind), None)

    def column_of(self, kind: str) -> str:
        return next(column for (k, _), column in self.wanted.items() if k == kind)


def record_store(
    *, record: CustomerRecord, actor: str, region: str | None
) -> tuple[Stored | None, list[LineProblem], list[LineProblem]]:
    """Create or update the customer of `record`: what was done, problems, notices.

    With a problem nothing of the line is written and the first value is None. Call inside a transaction.
    """
    line = _Line(record)
    _normalise(line, region)
    _look_up(line)
    customer = None if line.problems else _owner(line, actor)
    if line.problems:
        return None, line.problems, []
    stored = _write(line, customer, actor)
    return stored, [], line.notices


def _normalise(line: _Line, region: str | None) -> None:
    for name, kind in _KINDS.items():
        value, column = getattr(line.record, name), line.record.columns.get(name, name)
        if not value:
            continue
        try:
            line.wanted.setdefault((kind, identity_normalise(kind, value, param=column, region=region)), column)
        except InvalidInput as error:
            line.problems.append(LineProblem(line.record.line, column, error.message))


def _look_up(line: _Line) -> None:
    rows = Identity.objects.select_for_update(of=("self",), no_key=True).select_related("customer")
    for identity in rows.filter(value__in=[value for _, value in line.wanted]):
        if (identity.kind, identity.value) in line.wanted:
            line.known[identity.kind, identity.value] = identity


def _owner(line: _Line, actor: str) -> Customer | None:
    """The customer the record is about, None for a new one. Contradictions become problems or notices of `line`."""
    kinds = {kind for kind, _ in line.wanted}
    if not kinds & set(_DECIDING):
        return line.owner_by(Identity.Kind.PHONE)
    by_account, by_email = (line.owner_by(kind) for kind in _DECIDING)
    if by_email and by_email != by_account and _has_other_account(by_email, line):
        column = line.column_of(Identity.Kind.EMAIL)
        line.problems.append(LineProblem(line.record.line, column, f"belongs to customer {by_email.pk} already"))
        return None
    if by_account and by_email and by_account != by_email:
        evidence = {"reason": "import", "line": line.record.line}
        return customer_merge(customer=by_account, absorbed=by_email, actor=actor, evidence=evidence)
    return by_account or by_email


def _has_other_account(customer: Customer, line: _Line) -> bool:
    accounts = customer.identities.filter(kind=Identity.Kind.ACCOUNT).values_list("value", flat=True)
    wanted = {value for kind, value in line.wanted if kind == Identity.Kind.ACCOUNT}
    return bool(wanted) and bool(set(accounts) - wanted)


def _write(line: _Line, customer: Customer | None, actor: str) -> Stored:
    created = customer is None
    customer = customer or Customer()
    changed = _fields_change(customer, line.record)
    if created or changed:
        customer.save()
    attached = list(_identities_attach(line, customer))
    if not (created or changed or attached):
        return Stored.UNCHANGED
    stored = Stored.CREATED if created else Stored.UPDATED
    details = {"line": line.record.line, "fields": changed, "identities": attached}
    audit_record(actor=actor, action=f"customer.import_{stored}", obj=customer, details=details)
    return stored


def _fields_change(customer: Customer, record: CustomerRecord) -> list[str]:
    """Set what the record says; names of the fields that got another value. Empty cells say nothing."""
    in_file = {name for meaning, name in record.columns.items() if meaning.startswith("profile:")}
    kept = {name: value for name, value in customer.profile.items() if name not in in_file}
    values = {
        "display_name": record.display_name[:200] or customer.display_name,
        "service_level": record.service_level or customer.service_level,
        "language": record.language[:10] or customer.language,
        "profile": {**kept, **record.profile},
    }
    changed = [name for name, value in values.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, values[name])
    return changed


def _identities_attach(line: _Line, customer: Customer) -> Iterator[str]:
    """Make the customer known by the record's identities; yields the ids of new or newly verified ones."""
    for (kind, value), column in line.wanted.items():
        identity = line.known.get((kind, value))
        if identity is None:
            yield identity_attach(customer=customer, kind=kind, value=value, source=SOURCE, verified=True).pk
        elif identity.customer_id != customer.pk and kind == Identity.Kind.PHONE:
            line.notices.append(
                LineProblem(line.record.line, column, "is another customer's number; this one is not recognised by it")
            )
        elif identity.verified_at is None:
            identity_verify(identity)
            yield identity.pk
