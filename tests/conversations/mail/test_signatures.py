"""What closes a mail is taken off; what the customer says is not."""

import pytest

from conversations.mail.reading import mail_text


def read(text: str) -> str:
    return mail_text(text=text, html="")


@pytest.mark.parametrize(
    "end",
    [
        "-- \nAda Winter\nWinter & Sons\nwww.winter.example",
        "--\nAda",
        "Best regards,\nAda Winter",
        "Kind regards\n\nAda Winter\nHead of Sales\n+1 213 555 0101",
        "Mit freundlichen Grüßen\nAda Winter",
        "Viele Grüße, \nAda",
        "Cordialement,\nAda Winter",
        "Saludos,\nAda",
        "Met vriendelijke groet,\nAda",
        "Thanks!\nAda",
        "Thank you,\n\nAda Winter",
        "Sent from my iPhone",
        "Sent from my Galaxy S24",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Thanks,\nAda\n\nSent from my iPhone",
        "-Ada",
        "—\nAda Winter",
        "Ada Winter\nada@winter.example\n(213) 555-0101",
        "This e-mail and any attachments are confidential and intended solely for\nthe addressee.",
        "_______________________________\nshop-users mailing list\nshop-users@lists.example.com",
    ],
)
def test_the_close_of_a_mail_is_taken_off(end: str) -> None:
    assert read(f"Where is my parcel?\n\n{end}\n") == "Where is my parcel?"


def test_a_mail_that_is_nothing_but_a_signature_is_kept() -> None:
    assert read("Best regards,\nAda Winter") == "Best regards,\nAda Winter"


def test_a_postscript_below_the_name_is_kept() -> None:
    text = "Where is it?\n\nBest regards,\nAda Winter\n\nPS: I am at home\nfrom five.\n\nSent from my iPhone"
    assert read(text) == "Where is it?\nPS: I am at home\nfrom five."


@pytest.mark.parametrize("line", ["Order 10417", "Customer number: 10417", "Kundennummer 10417", "Ref. 10417"])
def test_the_number_of_an_order_below_the_name_is_kept(line: str) -> None:
    assert read(f"Where is it?\n\nBest regards,\nAda Winter\n{line}\n+1 213 555 0101").split("\n")[-1] == line


@pytest.mark.parametrize(
    "text",
    [
        "It works now.\n\nThanks!",
        "Thanks for the quick help, I have one more question.\nWhere is my parcel?",
        "Hello,\n\nThanks,\nplease call me tomorrow.",
        "Hello,\n\nbest\nprice you can offer is 10, but I would like to pay no more than 8, and not now.",
        "The mail was\n\nSent from my desk, not from my phone.",
        "This message appears on the screen: confirm your card.\nWhat do I do?",
        "It is late.\n--\nAnd the bill that came with the parcel before this one is in somebody else's name.",
        "Please change my details.\n\nNew Address\n1 Main Street\n+1 213 555 0101",
        "This message appeared on my phone:\n\nThis message is from your bank.\n\nIs it real?",
        "Всё сломалось\n\nспасибо\nпозвоните мне завтра",
        "I need:\n- a table\n- a lamp",
    ],
)
def test_what_only_looks_like_a_signature_is_kept(text: str) -> None:
    assert read(text) == text
