"""The factors of a case, kept beside its packet so that lists find them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from agents.types import Factor, FactorFinding
from conversations.models import Escalation
from tests.conversations.desk.people import case_make

pytestmark = pytest.mark.django_db

SEEN = {Factor.URGENCY: FactorFinding(1, 15, ("today",)), Factor.UNCLEAR_INFO: FactorFinding(2, 85, ("it",))}


def test_what_the_agent_has_seen_is_kept_by_name():
    case = case_make(factors={**SEEN, Factor.MULTIPLE_TOPICS: FactorFinding(0, 10, ())})
    case.refresh_from_db()
    assert case.factors == ["urgency", "unclear_info"]


def test_rows_from_before_learn_it_from_their_packets(monkeypatch):
    migration = import_module("conversations.migrations.0017_escalation_factors_known")
    monkeypatch.setattr(migration, "ROWS", 2)
    seen = [case_make(number, factors=SEEN) for number in range(4)]
    none, erased = case_make(8), case_make(9)
    Escalation.objects.update(factors=[])
    Escalation.objects.filter(pk=erased.pk).update(packet={})
    Escalation.objects.filter(pk=seen[0].pk).update(factors=["urgency"])  # written meanwhile

    for _ in range(2):
        migration.factors_fill(None, SimpleNamespace(connection=connection))

    found = dict(Escalation.objects.values_list("pk", "factors"))
    assert found[seen[0].pk] == ["urgency"]
    assert [set(found[case.pk]) for case in seen[1:]] == [{"urgency", "unclear_info"}] * 3
    assert (found[none.pk], found[erased.pk]) == ([], [])
