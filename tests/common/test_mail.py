"""E-mails stay out of logs, and those to nobody stay here."""

import pytest
from django.core.mail import EmailMessage

from omnicqm.common import mail
from omnicqm.common.mail import FolderBackend, SmtpBackend, is_reserved


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_FOLDER = tmp_path / "mails"
    return settings.EMAIL_FOLDER


def letter(to: str) -> EmailMessage:
    return EmailMessage("Your code", "It is 123456.", "us@omnicqm.example", [to])


def test_without_a_server_a_mail_is_a_file_for_its_owner_alone_and_nothing_is_printed(folder, capfd):
    assert FolderBackend().send_messages([letter("efua@bank.co")]) == 1
    [kept] = folder.iterdir()
    assert "123456" in kept.read_text()
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert capfd.readouterr() == ("", "")


def test_only_the_newest_are_kept(folder, monkeypatch):
    monkeypatch.setattr(mail, "MAX_KEPT", 3)
    for number in range(5):
        FolderBackend().send_messages([letter(f"{number}@bank.co")])
    assert len(list(folder.iterdir())) == 3
    assert "To: 4@bank.co" in max(folder.iterdir()).read_text()


@pytest.mark.parametrize("address", ["a@example.com", "A <a@shop.EXAMPLE.org>", "a@shop.example", "a@host.test"])
def test_with_a_server_nothing_is_sent_to_names_nobody_can_have(folder, address):
    server = SmtpBackend(host="server.invalid", timeout=1)
    assert server.send_messages([letter(address)]) == 1, "it was never connected to"
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("address", ["a@bank.co", "a@example.com.evil.co", "a@myexample.com", "a@test.com"])
def test_everybody_else_can_be_written_to(address):
    assert not is_reserved(address)
