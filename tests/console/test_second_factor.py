"""Signing in with two factors: enrolling, codes, recovery codes, and what happens when either is lost."""

import re
import time
from base64 import b32decode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from omnicqm.common.errors import NotAuthenticated
from omnicqm.common.models import AuditEvent
from omnicqm.console.accounts import second_factor
from omnicqm.console.accounts.second_factor import (
    exemption_end,
    exemption_give,
    second_factor_remove,
)
from omnicqm.console.live.standing import Person, StandingCheck
from omnicqm.console.models import Authenticator, RecoveryCode
from tests.console.people import PASSWORD, admin_make, consultant_make

pytestmark = pytest.mark.django_db

LOGIN, CODE = "/admin/login/", "/admin/second-factor/"
ENROL, MINE = "/admin/second-factor/enrol/", "/admin/second-factor/mine/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_MFA = "required"


@pytest.fixture
def clock(monkeypatch):
    """A clock to turn: codes belong to spans of 30 seconds."""

    class Clock:
        now = time.time()

        def forward(self, seconds):
            self.now += seconds

    turned = Clock()
    monkeypatch.setattr(second_factor.time, "time", lambda: turned.now)
    return turned


@pytest.fixture
def robin():
    return consultant_make()


def password_give(client, username="robin", after=""):
    return client.post(f"{LOGIN}{after}", {"username": username, "password": PASSWORD})


def key_read(page):
    return b32decode(re.search(r'data-testid="key">([A-Z2-7 ]+)<', page)[1].replace(" ", ""))


def code_of(key, clock):
    app = TOTP(key)
    app.time = clock.now
    return f"{app.token():06d}"


def enrol(client, clock):
    """Set an app up after the password; its key and the recovery codes."""
    key = key_read(client.get(ENROL).content.decode())
    page = client.post(ENROL, {"code": code_of(key, clock)}).content.decode()
    return key, re.findall(r"<li>([a-z0-9-]{19})</li>", page)


@pytest.fixture
def enrolled(client, robin, clock):
    password_give(client)
    return enrol(client, clock)


def is_in(client):
    return client.get("/admin/").status_code == 200


def test_a_password_alone_opens_nothing(client, robin):
    assert password_give(client)["Location"] == CODE
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/")["Location"].startswith(LOGIN)
    assert client.get(CODE)["Location"] == ENROL


def test_whoever_has_no_second_factor_sets_one_up_and_is_in(client, robin, clock):
    password_give(client, after="?next=/admin/conversations/escalation/")
    page = client.get(ENROL).content.decode()
    assert 'src="data:image/svg+xml' in page
    key = key_read(page)
    told = client.post(ENROL, {"code": code_of(key, clock)})
    assert "no-store" in told["Cache-Control"]
    assert 'href="/admin/conversations/escalation/"' in told.content.decode()
    assert is_in(client)
    noted = list(AuditEvent.objects.filter(object_id=str(robin.pk)).order_by("id").values_list("action", flat=True))
    assert noted == ["user.second_factor_added", "user.signed_in"]


def test_the_same_key_is_shown_until_it_is_confirmed(client, robin):
    password_give(client)
    assert key_read(client.get(ENROL).content.decode()) == key_read(client.get(ENROL).content.decode())


def test_key_and_recovery_codes_are_not_in_the_database(enrolled):
    key, codes = enrolled
    assert key.hex() not in Authenticator.objects.get().sealed_key
    assert len(codes) == len(set(codes)) == 10
    assert not set(RecoveryCode.objects.values_list("digest", flat=True)) & {code.replace("-", "") for code in codes}


def test_the_next_sign_in_asks_for_the_code(enrolled, clock):
    again = Client()
    assert password_give(again)["Location"] == CODE
    assert "_auth_user_id" not in again.session
    clock.forward(60)
    assert again.post(CODE, {"code": code_of(enrolled[0], clock)})["Location"] == "/admin/"
    assert is_in(again)


def test_a_wrong_code_is_refused_in_words(enrolled, clock):
    again = Client()
    password_give(again)
    answer = again.post(CODE, {"code": "000000"})
    assert answer.status_code == 400
    assert "This code is wrong" in answer.content.decode()
    assert not is_in(again)
    assert AuditEvent.objects.filter(action="user.code_refused").count() == 1


def test_a_code_opens_once(enrolled, clock):
    first, second = Client(), Client()
    clock.forward(60)
    code = code_of(enrolled[0], clock)
    for again in (first, second):
        password_give(again)
    first.post(CODE, {"code": code})
    assert second.post(CODE, {"code": code}).status_code == 400
    assert is_in(first)
    assert not is_in(second)


def test_wrong_codes_have_to_wait_longer_and_longer(enrolled, clock):
    again = Client()
    password_give(again)
    again.post(CODE, {"code": "000000"})
    clock.forward(60)
    answer = again.post(CODE, {"code": code_of(enrolled[0], clock)})
    assert "Too many wrong codes. Try again in 1 second." in answer.content.decode()
    Authenticator.objects.update(throttling_failure_count=8)
    answer = again.post(CODE, {"code": code_of(enrolled[0], clock)})
    assert "Try again in 2 minutes" in answer.content.decode()
    assert not is_in(again)


def test_a_recovery_code_opens_once(enrolled):
    for opens in (True, False):
        again = Client()
        password_give(again)
        again.post(CODE, {"code": enrolled[1][0].upper()})
        assert is_in(again) is opens
        Authenticator.objects.update(throttling_failure_count=0)
    assert AuditEvent.objects.get(action="user.recovery_code_used").details == {"left": 9}


def test_half_way_in_lasts_ten_minutes(enrolled, clock):
    again = Client()
    password_give(again)
    clock.forward(601)
    assert again.post(CODE, {"code": code_of(enrolled[0], clock)})["Location"] == LOGIN
    assert not is_in(again)


def test_half_way_in_ends_with_the_password(enrolled, robin, clock):
    again = Client()
    password_give(again)
    robin.set_password("another long password")
    robin.save()
    clock.forward(60)
    assert again.post(CODE, {"code": code_of(enrolled[0], clock)})["Location"] == LOGIN


def test_the_session_gets_a_new_key_with_every_step(client, robin, clock):
    client.get(LOGIN)
    password_give(client)
    half = client.session.session_key
    enrol(client, clock)
    assert client.session.session_key != half


def test_setting_one_up_ends_sessions_that_a_password_opened(client, robin, clock, settings):
    settings.STAFF_MFA = "optional"
    older = Client()
    for browser in (client, older):
        password_give(browser)
        assert is_in(browser)
    enrol(client, clock)
    assert is_in(client)
    assert not is_in(older)
    assert older.get(LOGIN)["Location"] == CODE  # and asks for the code, no second time for the password


def test_an_admin_resets_a_lost_phone(client, enrolled, robin):
    assert is_in(client)
    boss = admin_make()
    exemption_give(user=boss, reason="test", actor="user:1")
    office = Client()
    password_give(office, "boss")
    page = reverse("admin:auth_user_second_factor_page", args=[robin.pk])
    assert "10 recovery codes left" in office.get(page).content.decode()
    office.post(page, {"do": "reset"})
    assert not is_in(client)
    event = AuditEvent.objects.get(action="user.second_factor_removed")
    assert (event.actor, event.object_id) == (f"user:{boss.pk}", str(robin.pk))
    again = Client()
    password_give(again)
    assert again.get(CODE)["Location"] == ENROL


def test_a_consultant_resets_nobody(client, enrolled, robin):
    page = reverse("admin:auth_user_second_factor_page", args=[robin.pk])
    assert client.post(page, {"do": "reset"}).status_code == 403
    assert Authenticator.objects.exists()


def test_an_exempted_login_needs_a_password_alone_until_that_ends(client):
    boss = admin_make()
    exemption_give(user=boss, reason="A login of the demo.", actor="system:test")
    password_give(client, "boss")
    assert is_in(client)
    exemption_end(user=boss, actor="system:test")
    assert not is_in(client)


def test_a_name_exempts_nobody(client):
    User.objects.create_superuser("admin", password=PASSWORD)
    password_give(client, "admin")
    assert not is_in(client)


def test_an_exemption_needs_a_reason(client):
    boss = admin_make()
    exemption_give(user=boss, reason="test", actor="system:test")
    password_give(client, "boss")
    other = consultant_make()
    client.post(reverse("admin:auth_user_second_factor_page", args=[other.pk]), {"do": "exempt", "reason": " "})
    assert not hasattr(User.objects.get(pk=other.pk), "second_factor_exemption")


def test_new_recovery_codes_replace_the_earlier_ones(client, enrolled, clock):
    assert "10 recovery codes" in client.get(MINE).content.decode()
    clock.forward(60)
    page = client.post(MINE, {"do": "codes", "code": code_of(enrolled[0], clock)}).content.decode()
    assert len(re.findall(r"<li>([a-z0-9-]{19})</li>", page)) == 10
    again = Client()
    password_give(again)
    assert again.post(CODE, {"code": enrolled[1][1]}).status_code == 400


def test_another_phone_needs_a_code_of_the_present_one(client, enrolled, clock):
    assert client.post(MINE, {"do": "replace", "code": "000000"}).status_code == 400
    assert is_in(client)
    Authenticator.objects.update(throttling_failure_count=0)
    clock.forward(60)
    assert client.post(MINE, {"do": "replace", "code": code_of(enrolled[0], clock)})["Location"] == ENROL
    assert not is_in(client)
    enrol(client, clock)
    assert is_in(client)


def test_figures_are_behind_it_too(client, robin):
    boss = admin_make()
    client.force_login(boss)  # as a session from before a second factor was asked for
    assert client.get("/analytics/volume/")["Location"].startswith(LOGIN)


def test_the_consoles_websocket_is_behind_it_too(client, enrolled, robin):
    key = client.session.session_key
    assert isinstance(StandingCheck()([key])[key], Person)
    second_factor_remove(user=robin, actor="system:test")
    assert isinstance(StandingCheck()([key])[key], NotAuthenticated)


def test_where_it_is_optional_a_password_is_enough_until_one_has_set_it_up(client, robin, clock, settings):
    settings.STAFF_MFA = "optional"
    assert password_give(client)["Location"] == "/admin/"
    assert is_in(client)
    enrol(client, clock)
    again = Client()
    assert password_give(again)["Location"] == CODE


def test_a_removed_user_is_not_half_way_in(enrolled, robin, clock):
    again = Client()
    password_give(again)
    User.objects.filter(pk=robin.pk).update(is_active=False)
    clock.forward(60)
    assert again.post(CODE, {"code": code_of(enrolled[0], clock)})["Location"] == LOGIN


def test_after_signing_in_nobody_is_led_to_another_host(client, robin, clock):
    password_give(client, after="?next=https://evil.example/")
    key = key_read(client.get(ENROL).content.decode())
    page = client.post(ENROL, {"code": code_of(key, clock)}).content.decode()
    assert "evil.example" not in page


def test_removing_twice_is_safe(enrolled, robin):
    for _ in range(2):
        second_factor_remove(user=robin, actor="system:test")
        assert not Authenticator.objects.filter(user=robin).exists()
        assert not RecoveryCode.objects.filter(user=robin).exists()


@pytest.mark.parametrize("mode", ["required", "optional"])
def test_a_session_that_a_reset_ended_is_out_and_sets_up_no_phone(client, robin, clock, settings, mode):
    password_give(client)
    enrol(client, clock)
    settings.STAFF_MFA = mode
    second_factor_remove(user=robin, actor="user:1")
    assert client.get("/admin/").status_code == 302
    assert client.get(LOGIN).status_code == 200, "it asks for the password"
    assert client.get(ENROL)["Location"].startswith(LOGIN)


def test_another_session_is_never_shown_the_same_key(client, robin, clock):
    thief, keys = Client(), []
    for browser in (thief, client):
        password_give(browser)
        keys.append(key_read(browser.get(ENROL).content.decode()))
    assert keys[0] != keys[1]
    assert key_read(client.get(ENROL).content.decode()) == keys[1], "a reload shows it again"
    page = thief.post(ENROL, {"code": "000000"}).content.decode()
    assert key_read(page) not in keys
