"""The environment is read once, typed, and a wrong value is told with its remedy."""

import ast
import re
from pathlib import Path

import pytest

from omnicqm.common.env import Environment, env_file_apply
from omnicqm.common.errors import ConfigurationError
from tests.running import ROOT


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_a_switch_is_on(value: str) -> None:
    assert Environment({"SWITCH": value}).boolean("SWITCH", default=False)


def test_an_empty_variable_counts_as_not_set() -> None:
    env = Environment({"SWITCH": " ", "PORT": ""})
    assert env.boolean("SWITCH", default=True)
    assert env.integer("PORT", 8000, low=1, high=65535) == 8000


@pytest.mark.parametrize("value", ["0", "65536", "eighty", "8e3"])
def test_a_wrong_number_names_variable_and_range(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"PORT is '.*'\. Set it to a whole number from 1 to 65535") as refused:
        Environment({"PORT": value}).integer("PORT", 8000, low=1, high=65535)
    assert refused.value.param == "PORT"


def test_a_wrong_choice_lists_the_right_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"MODEL is 'gtp'\. Set it to one of: local, bedrock"):
        Environment({"MODEL": "gtp"}).choice("MODEL", ("local", "bedrock"), "local")


def test_a_list_may_be_separated_by_commas_or_blanks() -> None:
    assert Environment({"LIST": "a:1, b:2 c:3"}).words("LIST") == ("a:1", "b:2", "c:3")


def test_places_have_a_port_each() -> None:
    assert Environment({"LIST": "127.0.0.1:9000, hooks.local:1"}).places("LIST") == ("127.0.0.1:9000", "hooks.local:1")
    assert Environment({}).places("LIST") == ()


@pytest.mark.parametrize("value", ["foo", "a:1 foo", "foo:", ":80", "foo:0", "foo:70000", "foo:x", "http://foo:80/x"])
def test_a_place_without_a_port_is_named(value: str) -> None:
    with pytest.raises(ConfigurationError, match="which is not host:port") as refused:
        Environment({"LIST": value}).places("LIST")
    assert refused.value.param == "LIST"


@pytest.mark.parametrize(
    "value", ["mysql://host/db", "postgresql:///db", "postgresql://u:pass@word@h:port/db", "host:5432"]
)
def test_an_address_of_another_form_is_refused_without_showing_its_password(value: str) -> None:
    with pytest.raises(ConfigurationError, match="URL is not of the form postgresql://user:password@host") as refused:
        Environment({"URL": value}).address("URL", ("postgresql", "postgres"), "")
    assert value not in refused.value.message


def test_an_env_file_fills_what_the_environment_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nexport FIRST=from file\nSECOND = 'quoted # value'\nTHIRD=\"file\"\n")
    monkeypatch.setattr("os.environ", environment := {"THIRD": "environment"})
    env_file_apply(file)
    assert environment == {"FIRST": "from file", "SECOND": "quoted # value", "THIRD": "environment"}


def test_a_line_that_is_no_assignment_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GOOD=1\nno assignment\n")
    with pytest.raises(ConfigurationError, match="line 2: write NAME=value"):
        env_file_apply(file)


def test_a_missing_env_file_is_fine(tmp_path: Path) -> None:
    env_file_apply(tmp_path / ".env")


def test_the_example_explains_every_variable_settings_read_and_no_other() -> None:
    calls = [node for node in ast.walk(ast.parse((ROOT / "omnicqm/settings.py").read_text())) if _reads_env(node)]
    read = {call.args[0].value for call in calls}
    explained = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 15
    assert {name for name in explained if not name.startswith("AWS_")} == read  # those its own library reads


def test_every_example_line_is_read_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    file = tmp_path / ".env"
    file.write_text("\n".join(line.removeprefix("#") if re.match(r"#[A-Z_]+=", line) else line for line in lines))
    monkeypatch.setattr("os.environ", environment := {})
    env_file_apply(file)
    assert environment["OMNICQM_PORT"] == "8000"


def _reads_env(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
    )
