import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.privacy import Vault
from agents.privacy.vault import Restoring

KNOWN = {"NAME": ["Efua Owusu", "Will Hart"], "ADDRESS": ["74 Any Street, Nowhere"]}


def test_the_same_data_has_the_same_token_throughout():
    vault = Vault()
    assert vault.hide("From a@example.com to b@example.com") == "From ⟨EMAIL_1⟩ to ⟨EMAIL_2⟩"
    assert vault.hide("b@example.com?") == "⟨EMAIL_2⟩?"


def test_what_was_hidden_comes_back():
    vault = Vault(KNOWN)
    text = "I am EFUA OWUSU, 74 Any Street\nNowhere, card 4111 1111 1111 1111."
    hidden = vault.hide(text)
    assert hidden == "I am ⟨NAME_1⟩, ⟨ADDRESS_1⟩, card ⟨CARD_1⟩."
    assert vault.restore(hidden) == text


def test_a_known_name_behind_the_end_of_a_line_inside_json_is_hidden():
    hidden = Vault(KNOWN).hide(json.dumps({"note": "Yours,\nEfua Owusu\nPS: Thanks"}))
    assert "Efua" not in hidden
    assert json.loads(hidden)["note"].startswith("Yours,\n⟨NAME_1⟩")


@pytest.mark.parametrize("between", ["\n", "\r\n", ",\t"])
def test_a_known_address_on_two_lines_inside_json_is_hidden(between):
    hidden = Vault(KNOWN).hide(json.dumps({"note": f"Bring it to 74 Any Street{between}Nowhere, please"}))
    assert json.loads(hidden)["note"] == "Bring it to ⟨ADDRESS_1⟩, please"


def test_parts_of_a_name_are_hidden_as_they_are_written():
    assert Vault(KNOWN).hide("Will you tell Ms Owusu? I will.") == "⟨NAME_1⟩ you tell Ms ⟨NAME_2⟩? I will."


def test_a_token_somebody_else_wrote_opens_nothing():
    vault = Vault()
    vault.hide("a@example.com")
    assert vault.restore(vault.hide("Send me ⟨EMAIL_1⟩")) == "Send me <EMAIL_1>"


def test_an_unknown_token_stays_as_it_is():
    assert Vault().restore("Write to ⟨EMAIL_7⟩") == "Write to ⟨EMAIL_7⟩"


def test_nested_data_is_hidden_and_restored():
    vault = Vault()
    data = {"to": ["a@example.com", 7], "note": {"ip": "203.0.113.9"}}
    hidden = vault.hide_all(data)
    assert hidden == {"to": ["⟨EMAIL_1⟩", 7], "note": {"ip": "⟨IP_1⟩"}}
    assert vault.restore_all(hidden) == data


@pytest.mark.parametrize("escaped", [False, True])
def test_json_stays_json(escaped):
    vault = Vault({"NAME": ['Efua "Effie" Owusu']})
    told = vault.restore_json(json.dumps({"summary": vault.hide('Efua "Effie" Owusu asks.')}, ensure_ascii=escaped))
    assert json.loads(told) == {"summary": 'Efua "Effie" Owusu asks.'}


@given(st.text(alphabet="ab @.com0123456789⟨⟩+-\n", max_size=80), st.integers(1, 7))
def test_nothing_is_lost_whatever_the_text_and_the_size_of_its_pieces(text, size):
    vault, told = Vault(), []
    plain = text.replace("⟨", "<").replace("⟩", ">")
    hidden = vault.hide(text) + " ⟨"
    restoring = Restoring(vault, told.append)
    for start in range(0, len(hidden), size):
        restoring(hidden[start : start + size])
    restoring.close()
    assert "".join(told) == plain + " ⟨"
