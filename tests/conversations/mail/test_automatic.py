"""Machines are not answered; people are."""

import pytest

from conversations.mail.automatic import automatic_reason


def reason(subject: str = "Where is my parcel?", sender: str = "ada@example.com", **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return automatic_reason(headers=named, subject=subject, sender=sender, own_addresses=["help@omni.example"])


def test_a_person_is_answered() -> None:
    headers = {
        "auto_submitted": "no",
        "return_path": "<ada@example.com>",
        "precedence": "first-class",
        "content_type": "multipart/alternative; boundary=x",
        "x_auto_response_suppress": "DR, RN, NRN, OOF",
    }
    assert reason(**headers) == ""


@pytest.mark.parametrize(
    "header",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "Auto-Generated; owner-email=a@b.example"},
        {"precedence": "bulk"},
        {"precedence": "List"},
        {"precedence": "auto_reply"},
        {"list_id": "<shop.lists.example.com>"},
        {"list_unsubscribe": "<mailto:off@example.com>"},
        {"x_auto_response_suppress": "All"},
        {"x_auto_response_suppress": "DR, AutoReply"},
        {"x_autoreply": "yes"},
        {"x_autorespond": "On holiday"},
        {"return_path": "<>"},
        {"return_path": "< >"},
        {"content_type": 'multipart/report; report-type="delivery-status"'},
        {"x_failed_recipients": "ada@example.com"},
        {"x_omnicqm_message": "msg_1"},
    ],
)
def test_a_header_gives_a_machine_away(header: dict[str, str]) -> None:
    assert reason(**header).endswith(".")


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.example.com",
        "Postmaster <postmaster@example.com>",
        "no-reply@example.com",
        "noreply+10417@example.com",
        "do_not_reply@example.com",
        "bounces+ada=example.com@lists.example.com",
        '"Omni Support" <Help@Omni.example>',
    ],
)
def test_a_sender_who_reads_no_answers_gets_none(sender: str) -> None:
    assert reason(sender=sender)


@pytest.mark.parametrize(
    "sender", ["reply@example.com", "norma.reply@example.com", "bouncer@example.com", "help@omni.example.com"]
)
def test_a_sender_whose_address_only_looks_like_it_is_a_person(sender: str) -> None:
    assert reason(sender=sender) == ""


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your parcel",
        "AutoReply: Your parcel",
        "Out of Office",
        "Out of office: back on Monday",
        "Out of Office AutoReply: Your parcel",
        "[EXTERNAL] Automatic reply: Your parcel",
        "Automatische Antwort: Ihr Paket",
        "Abwesenheitsnotiz: Ihr Paket",
        "Réponse automatique : Votre colis",
        "Respuesta automática: Su paquete",
        "Automatisch antwoord: Uw pakket",
        "Автоматический ответ: Ваша посылка",
        "自動応答: 荷物",
        "Undeliverable: Your parcel",
        "Unzustellbar: Ihr Paket",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "Undelivered Mail Returned to Sender",
        "failure notice",
    ],
)
def test_a_subject_gives_a_machine_away(subject: str) -> None:
    assert reason(subject=subject)


@pytest.mark.parametrize(
    "subject",
    [
        "My automatic reply setup is broken",
        "Automatic reply does not work",
        "Re: Automatic reply: Your parcel",
        "Out of office chairs?",
        "Delivery failed",
        "Delivery delayed again",
        "Undeliverable parcel",
        "Failure notice on my washing machine",
        "Abwesenheit bei der Lieferung",
        "",
    ],
)
def test_a_subject_that_only_speaks_of_it_is_a_persons(subject: str) -> None:
    assert reason(subject=subject) == ""
