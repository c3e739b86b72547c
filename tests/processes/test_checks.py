"""Start-up checks name the variable to change."""

import os
from collections.abc import Callable

import pytest
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings
from pytest_django.fixtures import Settings as SettingsWrapper

from omnicqm import checks

DISTRIBUTED = {"EMBEDDED_POSTGRES": False, "EMBEDDED_VALKEY": False, "DATABASE_URL": "postgresql://h/d"}
PRODUCTION = {
    "OMNICQM_BASE_URL": "https://help.example",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "OMNICQM_DEMO": False,
    "STAFF_MFA": "required",
    "EMAIL_HOST": "smtp.example",
}
DEPLOY: list[Callable[[], list[CheckMessage]]] = [
    checks.public_address_secure,
    checks.nothing_of_the_demo,
    checks.staff_need_two_factors,
    checks.mail_goes_out,
]


def ids(found: list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in found]


def test_a_missing_address_is_named() -> None:
    with override_settings(**DISTRIBUTED, REDIS_URL=""):
        [message] = checks.addresses_complete()
    assert message.msg == "REDIS_URL is not set."
    assert "manage.py up" in str(message.hint)


def test_before_the_first_embedded_start_nothing_is_missing() -> None:
    with override_settings(EMBEDDED_POSTGRES=True, EMBEDDED_VALKEY=True, DATABASE_URL="", REDIS_URL="", SECRET_KEY=""):
        assert checks.addresses_complete() == checks.secret_key_set() == []


def test_a_missing_secret_key_is_named() -> None:
    with override_settings(**DISTRIBUTED, SECRET_KEY=""):
        assert ids(checks.secret_key_set()) == ["omnicqm.E002"]


def test_a_complete_production_has_nothing_to_say() -> None:
    with override_settings(**PRODUCTION):
        assert [message for check in DEPLOY for message in check()] == []


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("OMNICQM_BASE_URL", "http://help.example", "omnicqm.W001"),
        ("SECURE_PROXY_SSL_HEADER", None, "omnicqm.W002"),
        ("OMNICQM_DEMO", True, "omnicqm.W003"),
        ("STAFF_MFA", "optional", "omnicqm.W006"),
        ("EMAIL_HOST", "", "omnicqm.W004"),
    ],
)
def test_what_production_lacks_is_named(setting: str, value: object, expected: str) -> None:
    with override_settings(**{**PRODUCTION, setting: value}):
        assert [message.id for check in DEPLOY for message in check()] == [expected]


def test_the_checks_are_registered() -> None:
    assert {"omnicqm.W001", "omnicqm.W004"} <= set(ids(run_checks(include_deployment_checks=True)))


class TestModelsElsewhere:
    @pytest.fixture
    def bedrock_chosen(self, bedrock: object, settings: SettingsWrapper) -> SettingsWrapper:
        settings.MODEL_ROUTE = ["primary", "secondary", "local"]
        settings.EMBEDDINGS = "titan"
        # Set, they are built anew: in the environment of the test.
        settings.MODEL_PROVIDERS, settings.EMBEDDERS = {**settings.MODEL_PROVIDERS}, {**settings.EMBEDDERS}
        return settings

    def test_what_is_known_and_complete_needs_no_word(self, bedrock_chosen: SettingsWrapper) -> None:
        assert checks.models_usable() == checks.embedder_usable() == []

    def test_a_missing_region_is_named(self, bedrock_chosen: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_REGION")
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        [model], [embedder] = checks.models_usable(), checks.embedder_usable()
        assert (ids([model]), ids([embedder])) == (["omnicqm.E003"], ["omnicqm.E004"])
        assert "AWS_REGION is not set" in model.msg
        assert "AWS_REGION is not set" in embedder.msg

    def test_an_unknown_model_is_a_warning(self, bedrock_chosen: SettingsWrapper) -> None:
        options = {"alias": "primary", "model_id": "eu.somebody.else-v1:0"}
        entry = {"BACKEND": "agents.providers.bedrock.BedrockProvider", "OPTIONS": options}
        bedrock_chosen.MODEL_PROVIDERS = {**bedrock_chosen.MODEL_PROVIDERS, "primary": entry}
        [warning] = checks.models_usable()
        assert warning.id == "omnicqm.W005"
        assert "eu.somebody.else-v1:0 is not in our table" in warning.msg


def test_s3_without_a_bucket_or_a_region_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    for bucket, missing in (("", "OMNICQM_WAREHOUSE_BUCKET is not set"), ("acme", "AWS_REGION is not set")):
        store = {"BACKEND": "omnicqm.common.outbox.stores.s3.S3Store", "OPTIONS": {"bucket": bucket}}
        with override_settings(FILES="s3", OBJECT_STORES={"s3": store}):
            [message] = checks.warehouse_usable()
        assert missing in message.msg
        assert message.id == "omnicqm.E005"
