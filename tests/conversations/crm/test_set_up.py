"""How Salesforce is set up: two ways to sign in, a mapping of fields, and errors that name what to change."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conversations.crm.fields import FIELDS
from conversations.crm.mapping import DEFAULT, mapping_read
from conversations.crm.salesforce import salesforce_options
from conversations.crm.sending import crm_cases_sweep
from omnicqm.checks import crm_usable
from omnicqm.common.errors import ConfigurationError
from tests.conversations.crm.conftest import case_of, make_due
from tests.conversations.crm.test_cases import escalate
from tests.simulators.salesforce.org import USERNAME

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_signs_in_by_a_signed_token_too(salesforce, org, conversation, settings, rsa_key, key_file):
    org.public_key, org.client_secret = rsa_key.public_key(), "nobody has it"
    settings.SALESFORCE = {**settings.SALESFORCE, "client_secret": "", "username": USERNAME, "key_file": key_file}
    escalate(conversation)
    assert case_of(conversation).state == "synced"


def test_a_user_who_may_not_sign_in_is_a_clear_error(salesforce, org, conversation, settings, rsa_key, key_file):
    org.public_key = rsa_key.public_key()
    settings.SALESFORCE = {**settings.SALESFORCE, "username": "nobody@acme.example", "key_file": key_file}
    escalate(conversation)
    assert "refused our sign-in (invalid_grant)" in case_of(conversation).last_error


def test_a_mapping_of_ones_own(salesforce, org, conversation, settings, tmp_path):
    """A custom object, other fields, other values, and the customer's words because this company wants them."""
    org.objects["Matter__c"] = {"Key__c": 40, "Stage__c": 40, "Words__c": 2000, "Mail__c": 80, "Ref__c": 20}
    mapping = {
        "object": "Matter__c",
        "external_id": "Key__c",
        "fields": {"Stage__c": "status", "Words__c": "question", "Mail__c": "customer_email", "Ref__c": "reference"},
        "values": {"status": {"open": "Eingang"}},
    }
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    settings.SALESFORCE = {**settings.SALESFORCE, "mapping": str(tmp_path / "mapping.json")}
    escalate(conversation, "A person, please! " + "x" * 3000)
    [matter] = org.records["Matter__c"]
    assert (matter["Key__c"], matter["Stage__c"]) == (conversation.pk, "Eingang")
    assert matter["Words__c"].startswith("A person, please! xxx")
    assert len(matter["Words__c"]) == FIELDS["question"]
    assert matter["Mail__c"] == "efua.owusu@example.com"


def test_another_mapping_tells_the_cases_anew(salesforce, org, conversation, settings, tmp_path):
    escalate(conversation)
    (tmp_path / "mapping.json").write_text(json.dumps({"fields": {"Subject": "reference"}}))
    settings.SALESFORCE = {**settings.SALESFORCE, "mapping": str(tmp_path / "mapping.json")}
    case = case_of(conversation)
    case.state = "pending"
    case.save()
    crm_cases_sweep()
    conversation.refresh_from_db()
    assert org.cases()[0]["Subject"] == conversation.reference


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"domain": "https://acme.example"}, "OMNICQM_SALESFORCE_DOMAIN is 'https://acme.example'"),
        ({"domain": "login.salesforce.com"}, "e.g. acme.my.salesforce.com"),
        ({"client_id": ""}, "OMNICQM_SALESFORCE_CLIENT_ID is not set"),
        ({"client_secret": ""}, "OMNICQM_SALESFORCE_CLIENT_SECRET is not set"),
        ({"key_file": "/nowhere/key.pem"}, "OMNICQM_SALESFORCE_USERNAME is not set"),
        ({"key_file": "/nowhere/key.pem", "username": "u"}, "KEY_FILE (/nowhere/key.pem) cannot be read: No such file"),
        ({"key_file": __file__, "username": "u"}, "no private key in PEM"),
        ({"mapping": "/nowhere.json"}, "OMNICQM_SALESFORCE_MAPPING (/nowhere.json): cannot be read"),
    ],
)
def test_what_is_missing_or_wrong_is_named_at_the_start(salesforce, settings, changes, named):
    settings.SALESFORCE = {**settings.SALESFORCE, **changes}
    [error] = crm_usable()
    assert named in error.msg
    assert "docs/crm-cases.md" in str(error.hint)


def test_an_elliptic_key_is_not_for_salesforce(salesforce, settings, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "ec.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings.SALESFORCE = {**settings.SALESFORCE, "username": "u", "key_file": str(tmp_path / "ec.pem")}
    with pytest.raises(ConfigurationError, match="is no RSA key"):
        salesforce_options()


def test_a_complete_set_up_and_none_at_all_have_nothing_to_say(salesforce, settings):
    assert crm_usable() == []
    settings.SALESFORCE = dict.fromkeys(settings.SALESFORCE, "")
    assert crm_usable() == []


def test_a_sandbox_signs_tokens_for_its_own_sign_in_server(salesforce, settings):
    settings.SALESFORCE = {**settings.SALESFORCE, "domain": "acme--dev.sandbox.my.salesforce.com"}
    assert (salesforce_options().domain, salesforce_options().login) == ("acme--dev.sandbox.my", "test")


def test_secrets_are_in_no_text_of_the_options(salesforce):
    assert "simulated secret" not in repr(salesforce_options())


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("[]", "the whole is to be an object"),
        ("{", "cannot be read: it is not JSON"),
        ({"feilds": {}}, "has no part 'feilds'. Known: object, external_id, fields"),
        ({"object": "Case; DROP"}, "object holds 'Case; DROP', which is no API name"),
        ({"object": ["Case"]}, "object holds"),
        ({"fields": {"Subject": "titel"}}, "fields.Subject is 'titel'. Choose one of: reference, title"),
        ({"fields": {"Subject": ["title"]}}, "fields.Subject is"),
        ({"fields": {"A/B": "title"}}, "fields holds 'A/B'"),
        ({"fields": {"A": "account", "B": "account"}}, "fields name 'account' twice"),
        ({"values": {"title": {}}}, "values has 'title'"),
        ({"values": {"status": {"open": 1}}}, "values.status holds something else than texts"),
        ({"account": {"object": "Account"}}, "account is an object with"),
        ({"account": {"object": "Account", "field": "Number' OR Name != '"}}, "account.field holds"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_its_place(tmp_path, mapping, told):
    file = tmp_path / "mapping.json"
    file.write_text(mapping if isinstance(mapping, str) else json.dumps(mapping))
    with pytest.raises(ConfigurationError) as caught:
        mapping_read(str(file))
    assert told in caught.value.message
    assert str(file) in caught.value.message


def test_the_default_mapping_names_nothing_that_the_metadata_does_not_make() -> None:
    """Fields of ours in Salesforce are deployed with integrations/salesforce/cases."""
    from tests.running import ROOT

    folder = ROOT / "integrations/salesforce/cases/main/default/objects/Case/fields"
    made = {file.name.removesuffix(".field-meta.xml") for file in folder.iterdir()}
    named = {DEFAULT["external_id"], *(name for name in DEFAULT["fields"] if name.endswith("__c"))}
    assert named == made


def test_a_set_up_that_breaks_while_it_runs_loses_nothing(salesforce, org, conversation, settings: Any):
    whole = settings.SALESFORCE
    settings.SALESFORCE = {**whole, "client_secret": ""}
    escalate(conversation)
    assert "OMNICQM_SALESFORCE_CLIENT_SECRET is not set" in case_of(conversation).last_error
    settings.SALESFORCE = whole
    make_due()
    crm_cases_sweep()
    assert case_of(conversation).state == "synced"
