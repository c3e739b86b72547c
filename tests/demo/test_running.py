"""The demo on a whole running installation, as somebody meets it who has just typed `make run`."""

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, RunningSystem

pytestmark = pytest.mark.process


def test_the_logins_are_kept_for_their_owner_and_printed_for_scripts(running_system: RunningSystem):
    assert stat.S_IMODE((running_system.home / "demo-credentials.json").stat().st_mode) == 0o600
    answer = running_system.manage("demo", "--credentials-json")
    printed = json.loads(answer.stdout)
    assert printed["base_url"].endswith(f":{running_system.port}")
    assert printed["client_secret"] == running_system.credentials["client_secret"]


def test_the_story_is_told_again_and_again(running_system: RunningSystem):
    first, second = (running_system.manage("demo") for _ in range(2))
    for told in (first, second):
        assert told.returncode == 0, told.stdout + told.stderr
        assert [line[0] for line in told.stdout.splitlines() if re.match(r"\d  ", line)] == ["1", "2", "3", "4"]
        assert "Delivery: options, costs and times" in told.stdout
        assert "same customer, same conversation, two channels" in told.stdout
        assert re.search(r"^\s+score\s+5$", told.stdout, re.MULTILINE)
        assert re.search(r"premium complaints\s+-50", told.stdout)
        assert "\033[" not in told.stdout, "colours are for terminals"
        assert max(map(len, told.stdout.splitlines())) <= 160
    assert set(re.findall(r"qry_\w+", first.stdout)).isdisjoint(re.findall(r"qry_\w+", second.stdout))


def test_loading_again_changes_nothing(running_system: RunningSystem):
    before = _inventory(running_system)
    answer = running_system.manage("demo_load")
    assert answer.returncode == 0, answer.stderr
    assert _inventory(running_system) == before
    assert running_system.credentials["admin_password"] in (running_system.home / "up.out").read_text()


def _inventory(system: RunningSystem) -> str:
    count = (
        "from conversations.models import *; from knowledge.models import *; from oauth2_provider.models import *;"
        "print([m.objects.filter(**f).count() for m, f in ((Customer, {'profile__has_key': 'Member since'}),"
        "(Message, {'metadata__has_key': 'demo'}), (DocumentVersion, {}), (Channel, {}), (Application, {}))])"
    )
    answer = system.manage("shell", "--no-imports", "-c", count)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_examples_of_the_readme_work(running_system: RunningSystem):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed: apt-get install curl")
    script = "\n".join(
        line for line in _examples().splitlines() if "path/to/" not in line and " customers.csv" not in line
    )
    answer = subprocess.run(
        ["sh", "-eu", "-c", script.replace(".venv/bin/python", sys.executable)],
        cwd=ROOT,
        env=running_system.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    answered, found, [known], insight, rated, asked = map(json.loads, _json_texts(answer.stdout))
    assert (answered["status"], answered["decision"]) == ("answered", "auto_send")
    assert "$49" in answered["reply"]["text"]
    assert found[0]["external_id"] == "oak-ember/product-care"
    assert known["service_level"] == "premium"
    assert "58114" in insight["summary"]
    assert rated == {"request_id": insight["request_id"], "feedback": "helpful"}
    assert (asked["query"]["metric"], asked["query"]["dimensions"]) == ("escalations", ["reason"])
    assert asked["table"]["rows"]


def _examples() -> str:
    section = Path(ROOT / "README.md").read_text().split("## Try it")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


def _json_texts(output: str) -> list[str]:
    """The JSON values that stand one behind the other, as curl leaves them."""
    decoder, texts, rest = json.JSONDecoder(), [], output.strip()
    while rest:
        _, end = decoder.raw_decode(rest)
        texts.append(rest[:end])
        rest = rest[end:].strip()
    return texts
