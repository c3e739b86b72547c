"""What pages do beside being shown: the buttons of a case, of the queue and of a proposal, and the parts of a case.

They are the tables that the product goes by, so that a new one is a door without a line. For each there is a form that
is good enough to be done: a right that is asked for late is asked for here too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from omnicqm.console.admin.work import PARTS as PART_ROUTE
from omnicqm.console.case.actions import ACTIONS as CASE_ACTIONS
from omnicqm.console.case.parts import PARTS
from omnicqm.console.learning.pages import ACTIONS as PROPOSAL_ACTIONS
from omnicqm.console.queue.acting import ACTIONS as QUEUE_ACTIONS
from tests.console.access.doors import Route
from tests.console.access.rows import Rows

PARTED = f"admin:{PART_ROUTE}"
_PREPARED = {"undo": "send", "release": "claim", "unsnooze": "snooze", "untick": "tick"}  # by what goes before it
_QUESTIONS = {"thread": "?after=0", "suggestion": "?id=sug_00000000000000000000000000"}
_DRAFT = "It comes on Monday, and you can still choose another day in your account until noon of the day before."


def acts(rows: Rows) -> list[Route]:
    """A door for each action and part."""
    return [*_of_case(rows), *_of_queue(rows), *_of_proposal(rows), *_parts(rows)]


def _of_case(rows: Rows) -> Iterator[Route]:
    address = reverse("admin:conversations_escalation_change", args=[rows.case.pk])
    common = {"known_seq": rows.conversation.last_seq, "text": _DRAFT, "note": "Called the depot.", "reason": "Solved."}
    own: Mapping[str, Mapping[str, Any]] = {
        "resolve": {"resolution": "solved"},
        "snooze": {"snooze": "tomorrow"},
        "tick": {"step": rows.step.pk},
        "untick": {"step": rows.step.pk},
        "suggest": {"kind": "shorter"},
        "discard": {"discard_reason": "wrong"},
        "merge": {"absorbed": rows.twin.pk},
    }
    forms = {do: {"do": do, **common, **own.get(do, {})} for do in CASE_ACTIONS}
    for do, form in forms.items():
        yield _act("admin:conversations_escalation_change", do, address, form, before=forms.get(_PREPARED.get(do, "")))


def _of_queue(rows: Rows) -> Iterator[Route]:
    address = reverse("queue:act")
    own: Mapping[str, Mapping[str, Any]] = {"assign": {"assignee": "me"}, "snooze": {"until": "tomorrow"}}
    forms = {do: {"do": do, "e": rows.case.pk, **own.get(do, {})} for do in QUEUE_ACTIONS}
    before = {"release": forms["assign"], "unsnooze": forms["snooze"]}
    for do, form in forms.items():
        yield _act("queue:act", do, address, form, before=before.get(do))
    yield _act("queue:act", "assign to a colleague", address, {**forms["assign"], "assignee": rows.colleague.pk})


def _of_proposal(rows: Rows) -> Iterator[Route]:
    address = reverse("admin:feedback_articleproposal_change", args=[rows.proposal.pk])
    wording = {name: getattr(rows.proposal, name) for name in ("title", "question", "answer", "audience")}
    for do in PROPOSAL_ACTIONS:
        yield _act("admin:feedback_articleproposal_change", do, address, {"do": do, "reason": "Known.", **wording})


def _act(route: str, do: str, address: str, form: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> Route:
    return Route(f"{route} do={do}", address, methods=("POST",), form=form, before=before)


def _parts(rows: Rows) -> Iterator[Route]:
    for part in PARTS:
        address = reverse(PARTED, args=[rows.case.pk, part])
        yield Route(f"{PARTED} {part}", f"{address}{_QUESTIONS.get(part, '')}")
