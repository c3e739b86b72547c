"""What is the customer's and what is quoted, in plain text."""

import pytest

from conversations.mail.reading import mail_text


def read(text: str) -> str:
    return mail_text(text=text, html="")


@pytest.mark.parametrize(
    "attribution",
    [
        "On Tue, 3 Nov 2026 at 10:15, Omni Support <help@omni.example> wrote:",
        "On Tue, 3 Nov 2026 at 10:15, Omni Support\n<help@omni.example> wrote:",
        "On Nov 3, 2026, at 10:15 AM, Omni Support wrote:",
        "Am Di., 3. Nov. 2026 um 10:15 Uhr schrieb Omni Support <help@omni.example>:",
        "Am 03.11.26 um 10:15 schrieb Omni Support:",
        "Le mar. 3 nov. 2026 à 10:15, Omni Support <help@omni.example> a écrit :",
        "El mar, 3 nov 2026 a las 10:15, Omni Support (<help@omni.example>) escribió:",
        "Il giorno mar 3 nov 2026 alle ore 10:15 Omni Support <help@omni.example> ha scritto:",
        "Em ter., 3 de nov. de 2026 às 10:15, Omni Support <help@omni.example> escreveu:",
        "Op di 3 nov 2026 om 10:15 schreef Omni Support <help@omni.example>:",
        "Den tis 3 nov. 2026 kl 10:15 skrev Omni Support <help@omni.example>:",
        "W dniu wt., 3 lis 2026 o 10:15 Omni Support <help@omni.example> napisał(a):",
        "út 3. 11. 2026 v 10:15 odesílatel Omni Support <help@omni.example> napsal:",
        "вт, 3 нояб. 2026 г. в 10:15, Omni Support <help@omni.example>:",
        "3 Kas 2026 Sal 10:15 tarihinde Omni Support <help@omni.example> şunu yazdı:",
        "2026年11月3日(火) 10:15 Omni Support <help@omni.example>:",
    ],
)
def test_what_stands_below_an_attribution_is_not_the_customers(attribution: str) -> None:
    assert read(f"Where is my parcel?\n\n{attribution}\n\n> It was sent\n> on Monday.\n") == "Where is my parcel?"


def test_an_unmarked_thread_below_an_attribution_with_an_address_is_cut() -> None:
    text = "Still broken.\n\nOn 3 Nov 2026 at 10:15, Support <help@omni.example> wrote:\n\nTry again.\n\nSupport"
    assert read(text) == "Still broken."


@pytest.mark.parametrize(
    "headers",
    [
        "From: Omni <help@omni.example>\nSent: Tuesday, 3 November 2026 10:15\nTo: Ada\nSubject: Parcel",
        "*From:* Omni <help@omni.example>\n*Date:* 3 November 2026\n*To:* Ada\n*Subject:* Parcel",
        "Von: Omni <help@omni.example>\nGesendet: Dienstag, 3. November 2026\nAn: Ada\nBetreff: Paket",
        "De : Omni <help@omni.example>\nEnvoyé : mardi 3 novembre 2026\nÀ : Ada\nObjet : Colis",
        "De: Omni <help@omni.example>\nEnviado: martes, 3 de noviembre\nPara: Ada\nAsunto: Paquete",
        "Da: Omni <help@omni.example>\nInviato: martedì 3 novembre\nA: Ada\nOggetto: Pacco",
        "От: Omni <help@omni.example>\nДата: 3 ноября\nКому: Ada\nТема: Посылка",
        "差出人: Omni <help@omni.example>\n送信日時: 2026年11月3日\n宛先: Ada\n件名: 荷物",
        "________________________________\nFrom: Omni <help@omni.example>\nSent: Tuesday\nTo: Ada\nSubject: Parcel",
        "-----Original Message-----\nFrom: Omni\nTo: Ada",
        "-----Ursprüngliche Nachricht-----\nVon: Omni",
    ],
)
def test_a_block_of_headers_opens_the_thread(headers: str) -> None:
    assert read(f"Where is my parcel?\n\n{headers}\n\nIt was sent on Monday.") == "Where is my parcel?"


def test_answers_between_quoted_lines_are_kept_without_the_quotes() -> None:
    text = (
        "On 3 Nov 2026 at 10:15, Support <help@omni.example> wrote:\n"
        "> Which colour is it?\n\nBlue.\n\n> And where do you live?\n\nIn Oslo.\n"
    )
    assert read(text).split() == ["Blue.", "In", "Oslo."]


def test_an_answer_below_the_quote_is_read() -> None:
    assert read("On 3 Nov 2026 at 10:15, Support <help@omni.example> wrote:\n> Which colour?\n\nBlue.") == "Blue."


def test_the_rest_of_a_wrapped_quoted_line_is_part_of_the_quote() -> None:
    quote = "> We have looked at your parcel and it seems that it was handed to the wrong\ncourier on Monday.\n> Sorry!"
    assert read(f"Thanks for looking!\n\n{quote}") == "Thanks for looking!"


def test_a_lone_line_with_a_quoting_mark_is_the_writers_own() -> None:
    text = "The screen shows\n> error 17\nand then nothing."
    assert read(text) == text


def test_the_words_above_a_forwarded_mail_are_what_is_read() -> None:
    forwarded = "---------- Forwarded message ---------\nFrom: Shop <shop@example.com>\nSubject: Bill\n\nPay 10."
    assert read(f"Is this real?\n\n{forwarded}") == "Is this real?"


@pytest.mark.parametrize(
    "forwarded",
    [
        "---------- Forwarded message ---------\nFrom: Shop <shop@example.com>\nSubject: Bill\n\nPay 10 dollars.",
        "Begin forwarded message:\n\n> From: Shop <shop@example.com>\n> Subject: Bill\n>\n> Pay 10 dollars.",
        "From: Shop <shop@example.com>\nSent: Monday\nTo: Ada\nSubject: Bill\n\nPay 10 dollars.",
    ],
)
def test_a_mail_forwarded_without_a_word_is_read_itself(forwarded: str) -> None:
    assert "Pay 10 dollars." in read(forwarded)
    assert ">" not in read(forwarded).replace("shop@example.com>", "")


def test_a_signature_is_not_a_word_above_a_forwarded_mail() -> None:
    text = (
        "Sent from my iPhone\n\nBegin forwarded message:\n\n> From: Shop <s@example.com>\n> Subject: Bill\n>\n> Pay 10."
    )
    assert "Pay 10." in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "On 3 May 2026 I ordered a table.\nIt has not arrived.",
        "On Monday your colleague wrote:\nwe refund you within 3 days.\n\nNothing came.",
        "I want to travel.\n\nFrom: Berlin\nTo: Paris\nDate: 3 May 2026\n\nWhat does it cost?",
        "Subject: broken lamp\nIt does not work.",
        "Dear team,\n\n- first point\n- second point\n\nPlease answer both.",
        "Price list:\n--------------------\nTable 10\nChair 5\n--------------------\nIs that right?",
        "My new address is:\n\nAda Winter\n1 Main Street\n+1 213 555 0101",
        "2026-05-03 10:15 the app crashed\n2026-05-03 10:17 again:\nwhat do I do?",
        "Please write to me at ada@example.com:\nI read it daily.",
        "I attached to my mail to help@omni.example of 3 May 2026 everything I sent\nbut nobody answered.",
        "Please use the code I sent to ada@example.com:\n10417",
        "Answer by 3 May 2026 to my friend <ada@example.com>:\nshe waits.",
        "On 3 May 2026 I asked help@omni.example and they wrote:\nwe will call you.\n\nNobody called.",
    ],
)
def test_what_only_looks_like_a_thread_is_kept(text: str) -> None:
    assert read(text) == text
