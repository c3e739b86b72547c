"""`manage.py customers_import` and the service behind it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.channels.base import Sender
from conversations.identity import identity_resolve
from conversations.models import Customer, Identity
from conversations.services.customer_import import customers_import, reading
from omnicqm.common.errors import InvalidInput, TooLarge
from omnicqm.common.models import AuditEvent

pytestmark = pytest.mark.django_db

SIMPLE = b"account,name,email,phone,service_level,language\nA-1,Ada Winter,Ada@Example.com,+12135550101,Gold,en\n"


def load(content, **options):
    return customers_import(content=content, actor="system:test", **options)


def counts(report):
    return report.created, report.updated, report.unchanged


def identities(customer):
    return {(identity.kind, identity.value) for identity in customer.identities.all()}


def test_the_simple_form_makes_a_customer_known_by_verified_identities():
    assert counts(load(SIMPLE)) == (1, 0, 0)

    ada = Customer.objects.get()
    assert (ada.display_name, ada.service_level, ada.language) == ("Ada Winter", "gold", "en")
    assert identities(ada) == {("account", "A-1"), ("email", "ada@example.com"), ("phone", "+12135550101")}
    assert set(ada.identities.values_list("source", flat=True)) == {"import"}
    assert not ada.identities.filter(verified_at__isnull=True).exists()


def test_the_same_file_again_changes_nothing():
    load(SIMPLE)
    before = AuditEvent.objects.count()
    assert counts(load(SIMPLE)) == (0, 0, 1)
    assert Customer.objects.count() == 1
    assert AuditEvent.objects.count() == before


def test_a_newer_file_updates_what_it_says_and_leaves_what_it_does_not():
    load(b"account,name,email,City,Plan\n1,Ada,ada@example.com,Millbrook,A\n")
    Customer.objects.update(profile={"City": "Millbrook", "Plan": "A", "note of ours": "x"})

    assert counts(load(b"account,name,City,Plan\n1,Ada Winter,Lakeview,\n")) == (0, 1, 0)

    ada = Customer.objects.get()
    assert ada.display_name == "Ada Winter"
    assert ada.profile == {"City": "Lakeview", "note of ours": "x"}
    assert ("email", "ada@example.com") in identities(ada)


def test_every_change_is_in_the_audit_trail_without_content():
    load(SIMPLE)
    event = AuditEvent.objects.get(action="customer.import_created")
    assert (event.actor, event.details["line"]) == ("system:test", 2)
    assert "ada" not in str(event.details).lower()


@pytest.mark.data
def test_an_export_of_a_crm_is_understood(shared_data):
    content = (shared_data / "sample_bank" / "customerprofiles.csv").read_bytes()
    assert counts(load(content)) == (2, 0, 0)

    mateo = Customer.objects.get(identities__value="mateo_jackson@example.org")
    assert (mateo.display_name, mateo.service_level) == ("Mateo Jackson", "premium")
    assert identities(mateo) == {
        ("account", "1273421047"),
        ("email", "mateo_jackson@example.org"),
        ("phone", "+12135550115"),
    }
    assert mateo.profile["SpendingProfile"] == "Emotionally driven buying decisions"
    assert mateo.profile["Address.City"] == "Anytown"
    assert "HomePhoneNumber" not in mateo.profile
    assert counts(load(content)) == (0, 0, 2)


@pytest.mark.parametrize(
    "header",
    [b"ACCOUNT NUMBER,Full Name,E-Mail Address", b"account_number;fullname;email", b"Account-Number\tname\tMAIL"],
)
def test_header_names_are_recognised_whatever_their_case_and_punctuation(header):
    separator = next(mark for mark in (b",", b";", b"\t") if mark in header)
    load(header + b"\n" + separator.join([b"7", b"Bo Lind", b"bo@example.net"]) + b"\n")
    assert identities(Customer.objects.get(display_name="Bo Lind")) == {("account", "7"), ("email", "bo@example.net")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(encoding):
    load("email,name\nzoe@example.com,Zoë Müller\n".encode(encoding))
    assert Customer.objects.get().display_name == "Zoë Müller"


def test_binary_data_is_refused_without_repeating_it():
    with pytest.raises(InvalidInput, match=r"The file is not CSV: it holds binary data\.$"):
        load(b"\x7fELF\x02\x01\x00\x1b[31m\nx")


def test_windows_line_ends_quoted_separators_and_empty_lines_are_fine():
    report = load(b'email,name\r\n\r\na@example.com,"Winter, Ada"\r\n\r\nb@example.com,"Two\r\nlines"\r\nx,\r\n')
    assert [problem.line for problem in report.problems] == [7]

    load(b'email,name\r\n\r\na@example.com,"Winter, Ada"\r\n')
    assert Customer.objects.get().display_name == "Winter, Ada"


def test_a_wrong_line_is_named_with_its_field_and_nothing_is_imported():
    report = load(
        b"account,email,phone,service_level\n"
        b"1,ada@example.com,,gold\n"
        b"2,not-an-address,,\n"
        b"3,,12,\n"
        b"4,,,diamond\n"
        b",,,gold\n"
        b"1,x@example.com,,\n"
        b"6,,,,,too many\n"
    )
    assert [(problem.line, problem.field) for problem in report.problems] == [
        (3, "email"),
        (4, "phone"),
        (5, "service_level"),
        (6, "the line"),
        (7, "account"),
        (8, "the line"),
    ]
    assert "'diamond' is none of standard, gold, premium" in str(report.problems[2])
    assert counts(report) == (0, 0, 0)
    assert not Customer.objects.exists()


def test_on_request_the_good_lines_are_imported_without_the_bad_ones():
    report = load(b"account,email\n1,ada@example.com\n2,not-an-address\n3,cy@example.com\n", skip_bad_lines=True)
    assert counts(report) == (2, 0, 0)
    assert [problem.line for problem in report.problems] == [3]
    assert not Identity.objects.filter(value="2").exists()


def test_who_wrote_before_the_import_becomes_the_imported_customer():
    sender = Sender(kind="email", value="ada@example.com", display_name="ada")
    wrote = identity_resolve(sender=sender, source="outlook").customer

    assert counts(load(SIMPLE)) == (0, 1, 0)

    ada = Customer.objects.get()
    assert ada == wrote
    assert ada.display_name == "Ada Winter"
    assert ada.identities.get(kind="email").verified_at is not None


def test_who_wrote_from_a_new_address_is_merged_once_the_file_knows_it():
    load(SIMPLE)
    sender = Sender(kind="email", value="ada.new@example.com")
    stranger = identity_resolve(sender=sender, source="outlook").customer

    load(b"account,email\nA-1,ada.new@example.com\n")

    ada = Customer.objects.get(identities__value="A-1")
    assert ("email", "ada.new@example.com") in identities(ada)
    stranger.refresh_from_db()
    assert stranger.merged_into == ada


def test_an_address_never_moves_from_one_account_to_another():
    load(SIMPLE)
    report = load(b"account,email\nA-2,ada@example.com\n")
    ada = Customer.objects.get()
    assert [(problem.line, problem.field) for problem in report.problems] == [(2, "email")]
    assert ada.pk in report.problems[0].message
    assert identities(ada) >= {("account", "A-1"), ("email", "ada@example.com")}


def test_a_shared_phone_number_is_noted_and_stays_with_the_first():
    report = load(b"account,phone\n1,+12135550101\n2,+12135550101\n")
    assert counts(report) == (2, 0, 0)
    assert [(notice.line, notice.field) for notice in report.notices] == [(3, "phone")]
    assert Identity.objects.get(kind="phone").customer.identities.filter(value="1").exists()


def test_national_numbers_need_their_country():
    content = b"account,phone\n1,(213) 555-0101\n"
    assert load(content).problems[0].field == "phone"
    assert counts(load(content, region="US")) == (1, 0, 0)
    assert Identity.objects.get(kind="phone").value == "+12135550101"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no column for account, email or phone"),
        (b"city,name\nx,y\n", "no column for account, email or phone"),
        (b"email,E-Mail\na@example.com,b@example.com\n", "More than one column"),
        (b'email,name\na@example.com,"open\n', "not CSV from line 2"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(content, words):
    with pytest.raises(InvalidInput, match=words):
        load(content)


def test_size_is_limited(monkeypatch):
    monkeypatch.setattr(reading, "MAX_LINES", 3)
    with pytest.raises(TooLarge):
        load(b"email\na@example.com\nb@example.com\nc@example.com\nd@example.com\n")
    monkeypatch.setattr(reading, "MAX_BYTES", 5)
    with pytest.raises(TooLarge):
        load(SIMPLE)


def test_control_characters_are_cleaned_from_values():
    load(b"email,name\nada@example.com,Ada\x00 \x07Winter\n")
    assert Customer.objects.get().display_name == "Ada Winter"


def run_command(*arguments):
    out, errors = StringIO(), StringIO()
    try:
        call_command("customers_import", *map(str, arguments), stdout=out, stderr=errors)
    except CommandError as error:
        return out.getvalue(), errors.getvalue(), str(error)
    return out.getvalue(), errors.getvalue(), ""


def test_the_command_prints_counts(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_bytes(SIMPLE)
    assert run_command(file) == ("1 created, 0 updated, 0 unchanged\n", "", "")
    assert run_command(file) == ("0 created, 0 updated, 1 unchanged\n", "", "")


def test_the_command_names_wrong_lines_and_fails(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_bytes(b"account,email\n1,nope\n2,bo@example.com\n")
    out, errors, failure = run_command(file)
    assert errors == "line 2, email: email is not an e-mail address.\n"
    assert "nothing was imported" in failure
    assert not Customer.objects.exists()

    out, errors, failure = run_command(file, "--skip-bad-lines")
    assert out == "1 created, 0 updated, 0 unchanged\n"
    assert failure == "1 line left out."


def test_the_command_says_when_there_is_no_file(tmp_path):
    _, _, failure = run_command(tmp_path / "none.csv")
    assert failure.endswith("cannot be read: No such file or directory.")
