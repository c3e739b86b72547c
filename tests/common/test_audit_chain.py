"""The audit trail is sealed: whoever changes, removes or slips in a row by SQL is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from omnicqm.common.models import AuditEvent, AuditHead
from omnicqm.common.services import audit_chain, audit_record, audit_view
from omnicqm.common.services.audit_chain import audit_seal, audit_verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user("robin")


@pytest.fixture
def trail(user):
    """Ten sealed rows."""
    details = [{"n": number, "share": number / 2, "ids": ["a", "b"], "deep": {"x": None}} for number in range(10)]
    for number in range(10):
        audit_record(actor="user:1", action="user.changed", obj=user, details=details[number])
    audit_seal()
    return list(AuditEvent.objects.order_by("number"))


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found():
    return [str(finding) for finding in audit_verify().findings]


def test_a_trail_that_nobody_touched_is_whole(trail):
    report = audit_verify()
    assert (report.rows, report.unsealed, report.findings) == (10, 0, ())
    assert [event.number for event in trail] == list(range(1, 11))


def test_writers_do_not_wait_and_rows_join_later(user, trail):
    audit_record(actor="user:1", action="user.changed", obj=user)
    assert audit_verify().unsealed == 1
    assert audit_seal() == 1
    assert audit_verify().rows == 11


def test_sealing_again_changes_nothing(trail):
    assert audit_seal() == 0
    assert audit_verify().findings == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "user:2"),
        ("action", "user.viewed"),
        ("object_id", "9"),
        ("details", '{"n": 1}'),
        ("at", "2020-01-01T00:00:00Z"),
        ("correlation_id", "x"),
        ("mark", "0" * 64),
    ],
)
def test_a_changed_row_is_found(trail, column, value):
    sql(f"UPDATE common_auditevent SET {column} = %s WHERE number = 4", value)
    assert any(f"row 4: {trail[3].pk}" in words for words in found())


def test_a_removed_row_is_found(trail):
    sql("DELETE FROM common_auditevent WHERE number IN (4, 5)")
    assert found() == ["row 6: the rows before it are gone: 4 to 5"]


def test_removed_first_and_last_rows_are_found(trail):
    sql("DELETE FROM common_auditevent WHERE number = 1 OR number > 8")
    assert found() == [
        "row 2: the rows before it are gone: 1",
        "row 8: the chain ends here, but it had 10 rows: the last ones are gone",
    ]


def test_a_gap_closed_by_renumbering_is_found(trail):
    sql("DELETE FROM common_auditevent WHERE number = 4")
    for number in range(5, 11):
        sql("UPDATE common_auditevent SET number = %s WHERE number = %s", number - 1, number)
    sql("UPDATE common_audithead SET number = 9")
    assert len(found()) > 5


def test_a_row_slipped_in_is_found_before_and_after_it_is_sealed(trail):
    sql(
        "INSERT INTO common_auditevent"
        " (id, at, actor, action, object_type, object_id, details, correlation_id, mark, seal)"
        " VALUES ('aud_00000000000000000000000000', now(), 'user:1', 'user.changed', 'user', '1', '{}', '', '', '')"
    )
    assert found() == ["unsealed: aud_00000000000000000000000000 was not written by OmniCQM"]
    audit_seal()
    assert found() == ["row 11: aud_00000000000000000000000000 was changed, or not written by OmniCQM"]


def test_a_copied_row_is_found(trail):
    sql(
        "INSERT INTO common_auditevent"
        " (id, at, actor, action, object_type, object_id, details, correlation_id, mark, seal)"
        " SELECT 'aud_00000000000000000000000000', at, actor, action, object_type, object_id, details, correlation_id,"
        " mark, '' FROM common_auditevent WHERE number = 3"
    )
    assert len(found()) == 1


def test_two_rows_exchanged_are_found(trail):
    for number, new in ((3, -1), (4, 3), (-1, 4)):
        sql("UPDATE common_auditevent SET number = %s WHERE number = %s", new, number)
    assert len(found()) >= 2


def test_a_chain_cut_back_with_its_head_is_found_by_who_was_told_the_head(trail):
    told = audit_verify().head
    kept = AuditHead.objects.get()
    audit_record(actor="user:1", action="user.deleted", obj=User(pk=5))
    audit_seal()
    later = audit_verify().head
    sql("DELETE FROM common_auditevent WHERE number = 11")
    kept.save()  # somebody has kept the earlier state and brings it back
    assert audit_verify().findings == ()
    assert audit_verify(head=told).findings == ()
    assert [str(finding) for finding in audit_verify(head=later).findings] == [
        "row 10: the chain ends here, but you were told of row 11"
    ]


def test_rows_stay_known_when_the_key_changes(trail, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    audit_record(actor="user:1", action="user.changed", obj=User(pk=1))
    audit_seal()
    assert audit_verify().findings == ()


def test_rows_from_before_the_chain_are_its_beginning(user):
    AuditEvent.objects.create(actor="user:1", action="user.changed", object_type="user", object_id="1")
    audit_seal()
    audit_record(actor="user:1", action="user.changed", obj=user)
    audit_seal()
    assert audit_verify().findings == ()
    sql("UPDATE common_auditevent SET actor = 'user:2' WHERE number = 1")
    assert len(found()) == 1


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_sealers_at_once_make_one_chain():
    user = User.objects.create_user("robin")

    def work(number):
        try:
            for _ in range(5):
                audit_record(actor=f"user:{number}", action="user.changed", obj=user)
                audit_seal()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    audit_seal()
    report = audit_verify()
    assert (report.rows, report.findings) == (30, ())


def test_the_command_tells_and_fails(trail):
    told = StringIO()
    call_command("audit_verify", stdout=told)
    assert "10 rows in the chain, 0 not sealed yet." in told.getvalue()
    assert "The audit trail is as it was written." in told.getvalue()
    sql("UPDATE common_auditevent SET actor = 'user:2' WHERE number = 4")
    wrong = StringIO()
    with pytest.raises(CommandError, match="not as it was written"):
        call_command("audit_verify", stdout=StringIO(), stderr=wrong)
    assert trail[3].pk in wrong.getvalue()


def test_who_seals_no_more_is_told(user):
    event = audit_record(actor="user:1", action="user.changed", obj=user)
    AuditEvent.objects.filter(pk=event.pk).update(at=timezone.now() - timedelta(minutes=11))
    assert audit_verify().late == 1


def test_a_look_is_noted_once_in_ten_minutes_for_each_person_and_object(user):
    other = User.objects.create_user("ida")
    for _ in range(3):
        audit_view(user=user, obj=other)
    audit_view(user=user, obj=user)
    audit_view(user=other, obj=user)
    looks = AuditEvent.objects.filter(action="user.viewed").values_list("actor", "object_id")
    assert sorted(looks) == sorted(
        [(f"user:{user.pk}", str(other.pk)), (f"user:{user.pk}", str(user.pk)), (f"user:{other.pk}", str(user.pk))]
    )
    audit_seal()
    assert audit_verify().findings == ()


def test_rows_sealed_while_it_is_read_are_no_finding(user, trail, monkeypatch):
    look = audit_chain._row_finding

    def meanwhile(event, *args, **kwargs):
        if event.number == 5:
            audit_record(actor="user:1", action="user.changed", obj=user)
            audit_seal()
        return look(event, *args, **kwargs)

    monkeypatch.setattr(audit_chain, "_row_finding", meanwhile)
    assert found() == []
