"""The demo's logins: kept for their owner, printed for scripts."""

import json
import stat
from dataclasses import asdict, fields
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from omnicqm.demo.credentials import Credentials, KeptCredentials, credentials_read, credentials_write
from omnicqm.processes.home import State, state_write

KEPT = KeptCredentials(
    base_url="http://localhost:8000",
    client_id="id",
    client_secret="secret",
    webhook_secret="whsec_x",
    admin_user="admin",
    admin_password="password",
    consultant_user="consultant",
    consultant_password="password too",
)
FOR_SCRIPTS = ["base_url", "client_id", "client_secret", "webhook_secret", "admin_user", "admin_password"]


@pytest.fixture
def home(tmp_path, settings):
    settings.OMNICQM_HOME = tmp_path
    settings.OMNICQM_BASE_URL = "http://localhost:8123"
    return tmp_path


def test_only_their_owner_can_read_them(home):
    credentials_write(KEPT)
    file = home / "demo-credentials.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == [file.name]
    assert json.loads(file.read_text()) == asdict(KEPT)


def test_the_address_is_todays(home):
    credentials_write(KEPT)
    assert credentials_read().base_url == "http://localhost:8123"
    state_write(home, State(pid=1, url="http://localhost:8124"))
    assert credentials_read().base_url == "http://localhost:8124"


def test_without_a_demo_there_are_none(home):
    assert credentials_read() is None


def test_scripts_get_json_and_nothing_else(home):
    credentials_write(KEPT)
    out = StringIO()
    call_command("demo", "--credentials-json", stdout=out)
    printed = json.loads(out.getvalue())
    assert list(printed) == FOR_SCRIPTS == [field.name for field in fields(Credentials)]
    assert printed["client_secret"] == "secret"


@pytest.mark.parametrize("arguments", [[], ["--credentials-json"]])
def test_before_the_demo_was_loaded_a_sentence_says_so(home, arguments):
    out = StringIO()
    with pytest.raises(CommandError, match="The demo has not been loaded here"):
        call_command("demo", *arguments, stdout=out)
    assert out.getvalue() == ""


def test_without_a_running_system_a_sentence_says_so(home, settings, unused_tcp_port):
    settings.OMNICQM_BASE_URL = f"http://127.0.0.1:{unused_tcp_port}"
    credentials_write(KEPT)
    with pytest.raises(CommandError, match=rf"does not run at http://127.0.0.1:{unused_tcp_port}. Start it"):
        call_command("demo", stdout=StringIO())
