"""Whether the database answers, in a sentence."""

import pytest
from django.conf import settings

from omnicqm.common.database import database_check
from omnicqm.common.errors import ServiceUnavailable


def refusal(url: str) -> str:
    with pytest.raises(ServiceUnavailable) as refused:
        database_check(url, remedy="Start it.")
    return refused.value.message


def test_one_that_answers_is_fine() -> None:
    database_check(settings.DATABASE_URL, remedy="")


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    told = "The database at 127.0.0.1:1 does not answer: Connection refused. Start it."
    assert refusal("postgresql://a:secret@127.0.0.1:1/x") == told


def test_a_server_that_has_no_such_database_is_quoted() -> None:
    told = refusal(f"{settings.DATABASE_URL}_not")
    assert told.endswith('does not answer: database "omnicqm_not" does not exist. Start it.')


def test_a_name_nobody_knows_is_told() -> None:
    assert "nosuch.invalid:5432 does not answer: " in refusal("postgresql://a:b@nosuch.invalid/x")


def test_without_an_address_there_is_none_yet() -> None:
    assert refusal("") == "There is no database yet. Start it."
