"""The lock of the staff sign-in: one name from one network, for longer each time, the same for names nobody has."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from django.utils import timezone

from omnicqm.common.models import AuditEvent
from omnicqm.console.accounts.locks import LOCKS
from tests.console.people import PASSWORD, admin_make, consultant_make

pytestmark = pytest.mark.django_db

LOGIN, LIMIT = "/admin/login/", 5


def sign_in(client, password, username="robin", address="192.0.2.1"):
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address)


def lock(client, **whose):
    for _ in range(LIMIT):
        answer = sign_in(client, "a wrong password", **whose)
    return answer


def time_passes(**how_much):
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(**how_much))


def test_four_wrong_passwords_are_forgiven(client):
    consultant_make()
    for _ in range(LIMIT - 1):
        assert sign_in(client, "a wrong password").status_code == 200
    assert sign_in(client, PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_the_fifth_locks_and_says_so_in_words(client):
    consultant_make()
    answer = lock(client)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == pytest.approx(LOCKS[0].total_seconds(), abs=5)
    assert "it stays\n  locked here for 5 more minutes" in answer.content.decode()
    assert sign_in(client, PASSWORD).status_code == 429  # the right one too


def test_nobody_learns_whether_a_login_exists(client):
    consultant_make()
    known, unknown = lock(client), lock(client, username="nobody")
    assert known.status_code == unknown.status_code == 429
    assert known.content == unknown.content


def test_elsewhere_the_name_is_not_locked(client):
    consultant_make()
    lock(client)
    assert sign_in(client, PASSWORD, address="198.51.100.9").status_code == 302


def test_one_household_is_one_network(client):
    consultant_make()
    for host in range(LIMIT):
        answer = sign_in(client, "a wrong password", address=f"2001:db8:1:2::{host + 1}")
    assert answer.status_code == 429
    assert sign_in(client, PASSWORD, address="2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(client, PASSWORD, address="2001:db8:1:3::1").status_code == 302


def test_it_opens_by_itself_and_the_next_lock_lasts_longer(client):
    consultant_make()
    lock(client)
    time_passes(minutes=6)
    answer = lock(client)
    assert int(answer["Retry-After"]) == pytest.approx(LOCKS[1].total_seconds(), abs=5)
    time_passes(minutes=6)
    assert sign_in(client, PASSWORD).status_code == 429
    time_passes(minutes=16)
    assert sign_in(client, PASSWORD).status_code == 302


def test_who_keeps_trying_does_not_lengthen_it(client):
    consultant_make()
    lock(client)
    time_passes(minutes=4)
    left = int(sign_in(client, "a wrong password")["Retry-After"])
    assert left == pytest.approx(60, abs=5)


def test_a_lock_is_in_the_trail_once(client):
    user = consultant_make()
    lock(client)
    sign_in(client, "a wrong password")
    event = AuditEvent.objects.get(action="user.locked")
    assert (event.object_type, event.object_id, event.details) == ("user", str(user.pk), {})


def test_of_a_name_nobody_has_the_trail_holds_no_name(client):
    lock(client, username="hunter2")
    event = AuditEvent.objects.get(action="user.locked")
    assert event.object_type == "accessattempt"
    assert "hunter2" not in str(vars(event))


def test_an_admin_unlocks(client):
    user, boss = consultant_make(), admin_make()
    lock(client)
    client.force_login(boss)
    attempts = reverse("admin:axes_accessattempt_changelist")
    assert "locked until" in client.get(attempts).content.decode()
    client.post(attempts, {"action": "unlock", "_selected_action": [AccessAttempt.objects.get().pk]})
    client.logout()
    assert sign_in(client, PASSWORD).status_code == 302
    event = AuditEvent.objects.get(action="user.unlocked")
    assert (event.actor, event.object_id) == (f"user:{boss.pk}", str(user.pk))


def test_a_consultant_unlocks_nobody(client):
    consultant_make()
    lock(client)
    client.force_login(consultant_make("ida"))
    form = {"action": "unlock", "_selected_action": [AccessAttempt.objects.get().pk]}
    assert client.post(reverse("admin:axes_accessattempt_changelist"), form).status_code == 403
    assert AccessAttempt.objects.exists()


def lock_twice(client):
    """The second lock lasts a quarter of an hour, of which six minutes are over."""
    consultant_make()
    lock(client)
    time_passes(minutes=6)
    lock(client)
    time_passes(minutes=6)


def test_a_colleagues_typo_does_not_end_a_longer_lock(client):
    consultant_make("ida")
    lock_twice(client)
    sign_in(client, "a wrong password", username="ida", address="198.51.100.9")
    sign_in(client, PASSWORD, username="ida", address="198.51.100.9")
    assert sign_in(client, PASSWORD).status_code == 429


@pytest.mark.parametrize("name", [" robin ", "\N{FULLWIDTH LATIN SMALL LETTER R}obin"])
def test_another_way_to_write_a_name_does_not_shorten_its_lock(client, name):
    lock_twice(client)
    assert sign_in(client, PASSWORD, username=name).status_code == 429
