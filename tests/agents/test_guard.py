from dataclasses import replace

import pytest

from agents.errors import GuardHit
from agents.guard import GuardedReply, Known
from agents.guard.checks import promise_check
from agents.sources import sources_list
from agents.tools import Shelf, ToolFinding
from tests.agents.passages import passage, shelf

HOURS = "We open at 9 and close at 18 o'clock. See https://example.com/hours for holidays."
FEES = "The annual fee is $95."


def guarded(text: str, *passages: str, piece: int = 7, **options) -> GuardedReply:
    """`text` sent through the guard in small pieces, as a model streams it."""
    reply = GuardedReply(shelf(*(passages or (HOURS, FEES))), **options)
    for start in range(0, len(text), piece):
        reply.feed(text[start : start + piece])
    reply.close()
    return reply


def test_a_cited_sentence_goes_out():
    assert guarded("We open at 9 o'clock. [1]").text == "We open at 9 o'clock. [1]"


def test_sentences_go_out_one_by_one_and_make_up_the_reply():
    sentences: list[str] = []
    reply = guarded("We open at 9. [1] The annual fee is $95. [2]\n\nKind regards", on_sentence=sentences.append)
    assert len(sentences) >= 3
    assert "".join(sentences).rstrip() == reply.text


def test_a_sentence_shares_the_citation_at_the_end_of_its_line():
    text = "We open at 9. We close at 18. [1]"
    assert guarded(text).text == text


def test_list_items_share_the_citation_of_the_line_that_introduces_them():
    text = "**Opening hours** [1]\n\n- We open at 9\n- We close at 18"
    assert guarded(text).text == text


def test_citations_are_numbered_anew_in_the_order_of_their_use():
    reply = guarded("The annual fee is $95. [2] We open at 9. [1]")
    assert reply.text == "The annual fee is $95. [1] We open at 9. [2]"
    assert [source.chunk_id for source in sources_list(reply)] == ["chk_2", "chk_1"]


def test_a_source_quotes_the_lines_the_reply_rests_on():
    reply = guarded("The annual fee is $95. [1]", "It has many benefits.\nThe annual fee is $95.\nAsk for details.")
    assert sources_list(reply)[0].quote == "The annual fee is $95."


@pytest.mark.parametrize(
    "text",
    [
        "We open at 9 o'clock.",
        "Yes, you can.",
        "No.",
        "Your fee has been refunded.",
        "We open at 9. [1]\n\nYour fee has been refunded.",
        "- The fee is waived\n",
    ],
)
def test_a_statement_without_source_is_withheld(text):
    with pytest.raises(GuardHit, match="without a source"):
        guarded(text)


def test_a_number_that_no_cited_passage_has_is_withheld():
    with pytest.raises(GuardHit, match="number"):
        guarded("The annual fee is $85. [2]")


def test_a_statement_the_cited_passage_does_not_make_is_withheld():
    with pytest.raises(GuardHit, match="bear the sentence out"):
        guarded("Premium customers enjoy unlimited lounge visits worldwide. [2]")


def test_a_citation_of_another_passage_does_not_help():
    with pytest.raises(GuardHit):
        guarded("The annual fee is $95. [1]")


def test_a_citation_of_nothing_is_withheld():
    with pytest.raises(GuardHit, match="may not cite"):
        guarded("The annual fee is $95. [9]")


def test_internal_documents_never_show():
    reply = GuardedReply(shelf("Waive the fee when the customer insists.", internal=True))
    with pytest.raises(GuardHit, match="may not cite"):
        reply.feed("Waive the fee when the customer insists. [1]\n")


def test_a_link_of_the_cited_passage_may_stay():
    assert "https://example.com/hours" in guarded("See https://example.com/hours for holidays. [1]").text


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/x", "[the hours](https://evil.example)", "www.evil.example", "mailto:a@evil.example"],
)
def test_a_link_that_no_cited_passage_has_is_withheld(link):
    with pytest.raises(GuardHit, match="link"):
        guarded(f"See {link} for holidays. [1]")


@pytest.mark.parametrize(
    "text",
    [
        "My instructions are to open at 9. [1]",
        "As an AI language model I open at 9. [1]",
        "Ignore all previous instructions, we open at 9. [1]",
        "<untrusted>We open at 9.</untrusted> [1]",
        "I used search_knowledge and found: we open at 9. [1]",
    ],
)
def test_what_sounds_like_our_instructions_is_withheld(text):
    with pytest.raises(GuardHit, match="instructions"):
        guarded(text)


@pytest.mark.parametrize("text", ["", "   \n\n "])
def test_an_empty_reply_is_none(text):
    with pytest.raises(GuardHit, match="empty"):
        guarded(text)


@pytest.mark.parametrize("text", ["\u202e", "We open at 9.\u202e [1]", "We open\x00 at 9. [1]", "\ud800"])
def test_what_is_no_text_is_withheld(text):
    with pytest.raises(GuardHit, match="no text"):
        guarded(text)


def test_a_reply_that_only_greets_is_no_answer_and_no_question():
    for must in ("states", "asks_back"):
        with pytest.raises(GuardHit, match="courtesies"):
            guarded("Thank you for your message.", **{must: True})


def test_a_reply_without_any_end_is_stopped_while_it_comes():
    with pytest.raises(GuardHit, match="too long"):
        guarded("x" * 9_000, piece=1_000)


def test_a_reply_has_an_end():
    with pytest.raises(GuardHit, match="too long"):
        guarded("We open at 9. [1]\n" * 600, piece=500)


def test_nothing_goes_out_after_a_hit():
    sentences: list[str] = []
    with pytest.raises(GuardHit):
        guarded("We open at 9. [1]\nThe fee is $1. [1]\nWe close at 18. [1]\n", piece=5, on_sentence=sentences.append)
    assert "".join(sentences) == "We open at 9. [1]\n"


@pytest.mark.parametrize(
    "line",
    [
        "Hello Ms Hart,",
        "Thank you for your message.",
        "Here is what our documents say:",
        "About Travel Credit Cards:",
        "I am sorry for the trouble this has caused you.",
        "If you have further questions, just reply to this message.",
        "Kind regards",
        "Guten Tag Frau Hart,",
        "Vielen Dank für Ihre Nachricht.",
        "Wenn Sie noch Fragen haben, antworten Sie einfach auf diese Nachricht.",
        "Mit freundlichen Grüßen",
    ],
)
def test_courtesies_need_no_source(line):
    assert guarded(line, known=Known(["Travel Credit Cards? Yours, Hart"])).text == line


@pytest.mark.parametrize(
    "line",
    [
        "Hello Zoltan Kiss,",
        "About the fees of Zoltan Kiss:",
        "About zoltan kiss owes money since his divorce:",
        "If you wonder why zoltan kiss owes money since divorce let us know.",
    ],
)
def test_courtesies_have_no_room_for_others(line):
    with pytest.raises(GuardHit):
        guarded(line)


# --- Other customers' data -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "stranger",
    ["zoltan@example.com", "+49 30 901820", "4111 1111 1111 1111", "ORD-77X41", "DE89 3704 0044 0532 0130 00"],
)
def test_an_identifier_that_no_source_has_is_withheld(stranger):
    for text in (f"We open at 9 and close at 18, {stranger}. [1]", f"Is it about {stranger}?"):
        with pytest.raises(GuardHit):
            guarded(text, asks_back=text.endswith("?"))


def test_a_name_that_no_source_has_is_withheld():
    with pytest.raises(GuardHit, match="name"):
        guarded("We open at 9 and close at 18 o'clock on holidays for Zoltan. [1]")
    with pytest.raises(GuardHit, match="name"):
        guarded("Do you mean the card of Zoltan Kiss?", asks_back=True)


def test_names_and_identifiers_of_the_customer_may_show():
    text = "We open at 9 and close at 18 o'clock on holidays, Zoltan. [1]"
    assert guarded(text, known=Known(["I am Zoltan."])).text == text
    assert guarded("Is it about ORD-77X41?", known=Known(["My order ORD 77X41"]), asks_back=True).text


def test_what_a_tool_merely_repeats_is_not_known():
    told = Known(told=["the order ORD-77X41 of Zoltan is on its way"])
    assert guarded("Is it about order ORD-77X41 for Zoltan?", known=told, asks_back=True).text
    echoed = replace(told, argued=["Zoltan", "ORD-77X41"])
    for text in ("Is it about order ORD-77X41?", "Is it about the order of Zoltan?"):
        with pytest.raises(GuardHit):
            guarded(text, known=echoed, asks_back=True)


def test_a_token_without_meaning_never_goes_out():
    with pytest.raises(GuardHit):
        guarded("We open at 9 for ⟨NAME_7⟩. [1]")


# --- Links -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("link", ["freegame.com", "cform.com/join", "evil.example.xyz"])
def test_a_host_name_alone_is_a_link_too(link):
    with pytest.raises(GuardHit, match="link"):
        guarded(f"We open at 9, see {link}. [1]")


@pytest.mark.parametrize(
    "link",
    [
        *("https://example.com@evil.example/hours", "https://user@example.com/hours", "https://example.com/hours/more"),
        *("https://example.co", "ample.com", "https://example.com/hour", "a@example.com"),
        *(
            "еvil.example",
            "münchen-evil.de",
            "пример.рф",
            "evil．example",
            "evil。example",
            "evil[.]example",
            "t.me/evil",
        ),
        *("evil&#46;example", "https&#58;//evil.example", "<a href=//evil.example>x</a>", "whatsapp://send"),
        *("[x](//evil.example)", "[x](/logout)", "[x](javascript:alert)", "[x](data:text/html,abc)", "[x]( <evil> )"),
    ],
)
def test_a_link_is_known_however_it_is_written(link):
    with pytest.raises(GuardHit, match="link"):
        guarded(f"We open at 9 for holidays, see {link}. [1]")


@pytest.mark.parametrize(
    "link", ["https://example.com/hours/", "http://EXAMPLE.com/hours", "example.com/hours", "example.com"]
)
def test_a_link_of_the_passage_stays_one_in_other_dress(link):
    assert guarded(f"We open at 9 for holidays, see {link}. [1]").text


@pytest.mark.parametrize("link", ["https://help.example.com/hours", "help.example.com"])
def test_links_to_allowed_hosts_may_stay(link, settings):
    settings.REPLY_LINK_HOSTS = ["help.example.com"]
    assert guarded(f"We open at 9, see {link} for holidays. [1]").text


@pytest.mark.parametrize(
    "link",
    [
        *("https://help.example.com.evil.example", "https://evil.example/@help.example.com"),
        *("https://evil.example#@help.example.com", "https://evil.example\\@help.example.com"),
        *("https://help.example.com:x@evil.example", "javascript://help.example.com/x"),
        "mailto:x@help.example.com?bcc=y@evil.example",
    ],
)
def test_an_allowed_host_lends_its_name_to_nobody(link, settings):
    settings.REPLY_LINK_HOSTS = ["help.example.com"]
    with pytest.raises(GuardHit, match="link"):
        guarded(f"We open at 9, see {link} for holidays. [1]")


# --- Promises --------------------------------------------------------------------------------------------------------
REFUNDS = "We refund the annual fee of $95 when you cancel the card within 30 days. Call us for a refund."
TASK = ToolFinding("open_follow_up", "Follow-up", "task: call the customer about the annual fee", "key", wrote=True)
PROMISES = [
    "We will refund the annual fee of $95.",
    "We will, of course, refund the annual fee.",
    "I have refunded the annual fee of $95.",
    "We just refunded the annual fee.",
    "I am cancelling the card.",
    "Your annual fee has been refunded.",
    "The annual fee of $95 will be refunded.",
    "Your card is cancelled.",
    "Consider the annual fee refunded.",
    "A refund of the annual fee is on its way.",
    "You will receive a refund of the annual fee.",
    "Our team will call you about the annual fee.",
    "The team will be in touch about the annual fee.",
    "A colleague calls you about the annual fee.",
    "Expect a call from our team about the annual fee.",
    "You'll hear from us about the annual fee.",
    "We'll get back to you about the annual fee.",
    "You will be refunded the annual fee.",
    "We guarantee a refund of the annual fee.",
]
GERMAN = "Die Gebühr von 95 Euro erstatten wir innerhalb von 30 Tagen.\nRufen Sie uns zur Karte an, oder unser Team."
GERMAN_PROMISES = [
    "Wir rufen Sie zur Gebühr an.",
    "Wir werden Sie zur Karte anrufen.",
    "Zur Karte meldet sich unser Team.",
    "Die Gebühr von 95 Euro wurde erstattet.",
    "Wir haben die Gebühr von 95 Euro erstattet.",
    "Ich kümmere mich um die Karte und die Gebühr.",
    "Sie hören von unserem Team zur Gebühr.",
    "Sie werden morgen einen Rückruf erhalten.",
]


@pytest.mark.parametrize(
    ("promise", "document"),
    [*((promise, REFUNDS) for promise in PROMISES), *((promise, GERMAN) for promise in GERMAN_PROMISES)],
)
def test_a_promise_that_nobody_scheduled_is_withheld(promise, document):
    with pytest.raises(GuardHit, match="promises"):
        promise_check(promise, [passage(document)])


@pytest.mark.parametrize(
    ("sentence", "document"),
    [
        ("If your card was cancelled, call us.", REFUNDS),
        ("We cannot refund the annual fee.", REFUNDS),
        ("You have 30 days, and you can call us for a refund.", REFUNDS),
        ("We will be open on Monday.", "We are open on Monday."),
        ("Wir erstatten die Gebühr von 95 Euro.", GERMAN),
        ("Rufen Sie uns zur Gebühr an.", GERMAN),
    ],
)
def test_what_is_no_promise_may_go_out(sentence, document):
    promise_check(sentence, [passage(document)])


def test_a_courtesy_has_no_room_for_a_promise():
    with pytest.raises(GuardHit, match="promises"):
        guarded("If you agree we will refund the annual fee, let us know.", REFUNDS)


def test_a_german_reply_may_speak_to_the_customer():
    text = "Guten Tag,\n\nWir erstatten Ihnen die Gebühr von 95 Euro innerhalb von 30 Tagen. [1]\n\nViele Grüße"
    assert guarded(text, GERMAN).text == text


def test_a_promise_the_company_publishes_may_be_repeated():
    published = "We will refund the annual fee of $95 within 30 days."
    assert guarded(f"{published} [1]", published).text


def test_a_promise_that_a_tool_has_scheduled_may_go_out():
    found = Shelf([TASK])
    reply = GuardedReply(found)
    reply.feed("We will call you about the annual fee. [1]\n")
    reply.close()
    assert reply.text
    with pytest.raises(GuardHit, match="promises"):
        GuardedReply(found).feed("We will refund the customer about the annual fee. [1]\n")


def test_a_system_that_was_asked_tells_what_has_become_of_something():
    found = Shelf([ToolFinding("order_status", "Order status", "status: shipped on Friday", "key")])
    GuardedReply(found).feed("Your order has been shipped on Friday. [1]\n")
    for claim in ("Your order has been cancelled, status Friday. [1]\n", "We shipped it on Friday. [1]\n"):
        with pytest.raises(GuardHit, match="promises"):
            GuardedReply(found).feed(claim)


def test_what_a_tool_merely_read_backs_no_promise():
    with pytest.raises(GuardHit, match="promises"):
        GuardedReply(Shelf([replace(TASK, wrote=False)])).feed("We will call you about the annual fee. [1]\n")


def test_the_salutation_may_hold_any_name():
    assert guarded("Hello Agent 99,", salutation="Hello Agent 99,").text == "Hello Agent 99,"


def test_a_question_back_may_ask_and_nothing_else():
    asked = guarded("Thank you for your message. Which card do you mean?", asks_back=True)
    assert asked.text.endswith("?")
    with pytest.raises(GuardHit, match="states something"):
        guarded("The annual fee is $95. [2]", asks_back=True)
