"""``manage.py interactions_import``: the export of another system, once, however often it is imported."""

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.interactions.selectors import history_read
from conversations.management.commands import interactions_import
from conversations.models import Interaction

pytestmark = pytest.mark.django_db
HEADER = "account_number,channel,timestamp,intent,detail,external_id\n"
CALL = '10417,phone,2026-11-18T09:12:00+01:00,late_delivery,"Order 4471\nhas not come.",call-1\n'
VISIT = "10417,branch,2026-11-19 10:00:00,,Asked for a copy of the invoice,\n"


def imported(path: Path, content: str | bytes, **options: Any) -> tuple[str, str]:
    """What the command printed, to standard output and error."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    out, errors = StringIO(), StringIO()
    try:
        call_command("interactions_import", str(path), stdout=out, stderr=errors, **options)
    except CommandError as error:
        errors.write(str(error))
    return out.getvalue().strip(), errors.getvalue().strip()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def test_lines_become_interactions(file: Path) -> None:
    assert imported(file, HEADER + CALL + VISIT) == ("2 stored, 0 known already", "")
    first, second = history_read(account_number="10417", days=3650, limit=10).events
    assert (first.text, first.at.isoformat()) == ("Order 4471\nhas not come.", "2026-11-18T08:12:00+00:00")
    assert (second.channel, second.at.isoformat()) == ("branch", "2026-11-19T10:00:00+00:00")


def test_again_adds_nothing_also_without_ids(file: Path) -> None:
    imported(file, HEADER + CALL + VISIT)
    assert imported(file, HEADER + VISIT + CALL + VISIT) == ("0 stored, 3 known already", "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_headers_separators_and_encodings(file: Path, encoding: str) -> None:
    text = "Id;Customer Number;Channel;Date;Notes;Region\r\n7;10417;Telefon;2026-11-18 09:12;Rückruf gewünscht;Süd\r\n"
    assert imported(file, text.encode(encoding)) == ("1 stored, 0 known already", "")
    assert Interaction.objects.get().detail == "Rückruf gewünscht"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (",phone,2026-11-18T09:12:00Z,x,y,1", "account_number: is empty"),
        ("ümlaut,phone,2026-11-18T09:12:00Z,x,y,1", "account_number: is not an account number"),
        ("10417,,2026-11-18T09:12:00Z,x,y,1", "channel: is empty"),
        ("10417,phone,18.11.2026,x,y,1", "timestamp: is no moment"),
        ("10417,phone,2026-02-30T09:12:00Z,x,y,1", "timestamp: is no moment"),
        ("10417,phone,0001-01-01T00:00:00+14:00,x,y,1", "timestamp: is no moment"),
        ("10417,phone,2999-11-18T09:12:00Z,x,y,1", "timestamp: lies in the future"),
        (f"10417,phone,2026-11-18T09:12:00Z,{'i' * 201},y,1", "intent: is longer than 200 characters"),
        ("10417,phone,2026-11-18T09:12:00Z,,,1", "the line: has neither detail nor intent"),
        ("10417", "channel: is empty"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_stored(file: Path, line: str, complaint: str) -> None:
    out, errors = imported(file, HEADER + CALL + line)
    assert out == ""
    assert f"line 4, {complaint}" in errors  # the first interaction stands on two lines
    assert "nothing was imported" in errors
    assert not Interaction.objects.exists()


def test_a_file_of_one_channel_and_of_local_times(file: Path) -> None:
    text = "Customer Number,Date,Notes\n10417,2026-07-18 09:12:00,Called.\n"
    assert "--channel" in imported(file, text)[1]
    options = {"channel": "phone", "timezone": "Europe/Berlin"}
    assert imported(file, text, **options) == ("1 stored, 0 known already", "")
    assert imported(file, text, **options) == ("0 stored, 1 known already", "")
    row = Interaction.objects.get()
    assert (row.channel, row.occurred_at.isoformat()) == ("phone", "2026-07-18T07:12:00+00:00")


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO((HEADER + CALL).encode())))
    call_command("interactions_import", "-", stdout=StringIO())
    assert Interaction.objects.count() == 1


def test_who_was_interrupted_repeats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = HEADER + "".join(f"A-{n % 3},phone,2026-10-02T09:14:00Z,,Call {n},{n}\n" for n in range(25))
    monkeypatch.setattr(interactions_import, "BATCH", 10)
    real, batches = interactions_import.interactions_import, []

    def killed_in_the_third(**given: Any) -> Any:
        batches.append(len(given["told"]))
        if len(batches) == 3:
            raise KeyboardInterrupt
        return real(**given)

    with monkeypatch.context() as patched:
        patched.setattr(interactions_import, "interactions_import", killed_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            imported(file, content)
    assert batches == [10, 10, 5]
    assert imported(file, content) == ("5 stored, 20 known already", "")


@pytest.mark.parametrize("zone", ["Nowhere/Else", "../etc", "Europe"])
def test_a_zone_that_is_none(file: Path, zone: str) -> None:
    assert "is no time zone" in imported(file, HEADER, timezone=zone)[1]


def test_the_good_lines_alone_if_one_says_so(file: Path) -> None:
    out, errors = imported(file, HEADER + CALL + "10417,phone\n", skip_bad_lines=True)
    assert (out, "1 line left out." in errors) == ("1 stored, 0 known already", True)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no column for account_number, channel, timestamp, detail or intent"),
        (b"a,b\n1,2\n", "It reads: a, b."),
        (HEADER.replace("intent", "account").encode(), "More than one column of the header means account_number"),
        (b"PK\x03\x04\x00\x00binary", "binary data"),
        ((HEADER + '10417,phone,"unclosed').encode(), "not CSV from line 2"),
    ],
)
def test_what_is_no_such_file(file: Path, content: bytes, complaint: str) -> None:
    assert complaint in imported(file, content)[1]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("interactions_import", str(tmp_path / "no.csv"))
