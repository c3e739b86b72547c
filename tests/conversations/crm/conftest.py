"""A simulated Salesforce org that the product is set up for, and a conversation that needs a person."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from conversations.crm.salesforce.options import options_forget
from conversations.crm.salesforce.putting import signed_in_forget
from conversations.models import Conversation, CrmCase
from omnicqm.common.backends import backend_get
from tests.conversations.people import conversation_make, customer_make
from tests.simulators.salesforce import Org, org_running
from tests.simulators.salesforce.org import CLIENT_ID, CLIENT_SECRET
from tests.simulators.salesforce.server import OrgServer


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
def salesforce(org: Org, settings: Any) -> Iterator[OrgServer]:
    """The org behind HTTP, and settings that lead there."""
    with org_running(org) as server:
        settings.OUTGOING_ALLOW = (server.place,)
        settings.SALESFORCE = {
            "domain": "acme.my.salesforce.com",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "username": "",
            "key_file": "",
            "mapping": "",
            "endpoint": server.url,
        }
        options_forget()
        signed_in_forget()
        yield server
        assert org.failures == []


@pytest.fixture(autouse=True)
def model(settings: Any) -> Any:
    """Customers ask for a person."""
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    model = backend_get("MODEL_PROVIDERS", "scripted")
    model.says = "person"
    return model


@pytest.fixture
def conversation() -> Conversation:
    return conversation_make(customer_make())


@pytest.fixture
def ama() -> User:
    return get_user_model().objects.create_user("ama", first_name="Ama", last_name="Mensah")


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(rsa_key: rsa.RSAPrivateKey, tmp_path: Any) -> str:
    file = tmp_path / "key.pem"
    file.write_bytes(rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(file)


def case_of(conversation: Conversation) -> CrmCase:
    return CrmCase.objects.get(conversation=conversation)


def make_due() -> None:
    """As when the time of waiting is over."""
    from django.utils import timezone

    CrmCase.objects.update(due_at=timezone.now(), away_until=None)
