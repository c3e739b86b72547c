"""The doctor tells every part in a line, whatever goes wrong inside."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from conversations.models import CrmCase
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.models import OutboxBatch, OutboxRecord
from omnicqm.common.outbox.flush import outbox_flush
from omnicqm.common.outbox.services import outbox_add
from omnicqm.processes.doctor import EXAMINATIONS, Examination, Finding, Outcome, examine
from omnicqm.processes.doctor.examining import Unwell
from omnicqm.processes.home import State, state_write
from tests.conversations.people import conversation_make

REMEDY = "Do this."


def raising(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


def finding(look: Callable[[], str]) -> Finding:
    [found] = examine([Examination("Part", look, REMEDY)])
    return found


def test_a_part_that_is_well_says_how_it_is() -> None:
    assert finding(lambda: "version 18") == Finding("Part", Outcome.OK, "version 18")


def test_a_failure_comes_with_its_remedy() -> None:
    found = finding(raising(ConfigurationError("No key is set.")))
    assert found == Finding("Part", Outcome.FAILED, "No key is set.", REMEDY)


def test_a_librarys_failure_is_told_in_one_line() -> None:
    found = finding(raising(psycopg.OperationalError("connection refused\n\tIs the server running?")))
    assert found.detail == "OperationalError: connection refused"


def test_what_builds_on_a_failed_part_is_not_examined() -> None:
    asked = []
    first = Examination("Database", raising(OSError("gone")), REMEDY)
    second = Examination("Tables", lambda: asked.append("tables") or "fine", REMEDY, needs="Database")
    assert [found.outcome for found in examine([first, second])] == [Outcome.FAILED, Outcome.SKIPPED]
    assert asked == []


def test_every_examination_names_a_part_before_it() -> None:
    known: set[str] = set()
    for examination in EXAMINATIONS:
        assert not examination.needs or examination.needs in known
        known.add(examination.part)


@pytest.mark.django_db
def test_without_its_servers_each_failure_is_told_and_the_exit_code_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0", "OMNICQM_BASE_URL": "http://127.0.0.1:1"}
    with override_settings(**nowhere), pytest.raises(SystemExit) as ended:
        call_command("doctor")
    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert "ok       pgvector" in told
    assert "FAILED   Valkey/Redis" in told
    assert "skipped  Worker" in told
    assert "Traceback" not in told


def told(part: str) -> str:
    [found] = examine([examination for examination in EXAMINATIONS if examination.part == part])
    assert found.outcome is Outcome.OK
    return found.detail


def test_it_speaks_of_what_runs_whatever_its_own_shell_says(tmp_path: Path) -> None:
    shell = {"OMNICQM_BASE_URL": "http://localhost:8000", "OUTGOING_ALLOW": (), "REDIS_URL": "redis://127.0.0.1:1/0"}
    with override_settings(OMNICQM_HOME=tmp_path, **shell):
        assert told("Settings").endswith(", http://localhost:8000")
        assert told("Outgoing requests") == "private addresses refused"
        state_write(tmp_path, State.of_this_process("http://localhost:8140", {}, ("127.0.0.1:9000",)))
        assert told("Settings").endswith(", http://localhost:8140")
        assert told("Outgoing requests") == "private addresses refused, except 127.0.0.1:9000"


@pytest.mark.django_db
def test_what_the_store_does_not_take_is_told(settings, tmp_path: Path) -> None:
    backend = "omnicqm.common.outbox.stores.folder.FolderStore"
    settings.OBJECT_STORES = {"local": {"BACKEND": backend, "OPTIONS": {"folder": tmp_path / "in the way" / "store"}}}
    [warehouse] = [found for found in EXAMINATIONS if found.part == "Warehouse"]
    assert warehouse.look() == f"{tmp_path / 'in the way' / 'store'}; 0 records wait"
    (tmp_path / "in the way").touch()
    outbox_add(topic="topic", key="1", payload={}, at=timezone.now())
    outbox_flush()
    with pytest.raises(Unwell, match=r"1 records wait .* cannot be written: Not a directory"):
        warehouse.look()
    OutboxBatch.objects.update(last_error="")
    OutboxRecord.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(Unwell, match="the oldest since"):
        warehouse.look()


@pytest.mark.django_db
def test_cases_for_the_crm_are_looked_after(settings) -> None:
    [crm] = [found for found in EXAMINATIONS if found.part == "CRM cases"]
    assert "no OMNICQM_SALESFORCE_DOMAIN" in crm.look()
    settings.SALESFORCE = {**settings.SALESFORCE, "domain": "acme.my.salesforce.com"}
    assert crm.look() == "Salesforce; 0 cases wait, 0 were refused"
    conversation = conversation_make()
    CrmCase.objects.create(conversation=conversation, external_id=conversation.pk)
    assert crm.look() == "Salesforce; 1 cases wait, 0 were refused"
    CrmCase.objects.update(due_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Unwell, match="the oldest waits since"):
        crm.look()
    CrmCase.objects.update(last_error="Salesforce refused our sign-in (invalid_client).")
    with pytest.raises(Unwell, match=r"1 cases wait, 0 were refused\. Salesforce refused our sign-in"):
        crm.look()
