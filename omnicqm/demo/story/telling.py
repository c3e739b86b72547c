"""Four chapters: a mail is answered, the chat knows it, a complaint goes to a person, the person replies."""

import re
import time
from typing import Any

from agents.factors import FACTOR_WORDS
from agents.types import Factor
from conversations.chat.links import continue_link_make
from conversations.models import Conversation
from omnicqm.demo.credentials import KeptCredentials
from omnicqm.demo.story.api import ApiClient, http_open
from omnicqm.demo.story.chat import chat_continue
from omnicqm.demo.story.console import console_login, escalation_answer
from omnicqm.demo.story.errors import StoryError
from omnicqm.demo.story.terminal import GREEN, YELLOW, Terminal

AMELIA, PRIYA = "amelia.hart@example.com", "priya.raman@example.org"
MAIL = (
    "A question about delivery",
    "Hello,\n\nwhat does room delivery cost, and how long does it take?\n\nAmelia Hart",
)
CHAT = "And what happens if nobody is at home when the parcel comes?"
COMPLAINT = (
    "Fourth delivery date missed",
    "I am furious. For the fourth time the delivery of my dining table did not arrive on the promised date, and nobody "
    "told me. As a Premium member I find this service ridiculous and unacceptable.\n\n"
    "I need an answer today!\n\nPriya Raman",
)
EDITED = (
    "Dear Ms Raman,\n\nyou were promised a date four times, and four times nobody came. That is our fault.\n\n"
    "I have just spoken with the depot: your table is on the van **tomorrow between 9 and 11 am**, and the driver "
    "calls you on the way. The delivery costs are off your bill.\n\nRobin Hale\nCustomer service"
)


def story_tell(terminal: Terminal, credentials: KeptCredentials) -> None:
    """Play and tell the story. Raises `StoryError` when the system does not run or does not answer as it should."""
    started = time.monotonic()
    terminal.title("OmniCQM, told on the running system")
    with http_open(credentials.base_url) as http, http_open(credentials.base_url) as browser:
        api = ApiClient(http, credentials)
        conversation_id = _mail_answered(terminal, api)
        _chat_goes_on(terminal, browser, conversation_id)
        escalated = _complaint_escalated(terminal, api)
    with http_open(credentials.base_url) as desk:
        _consultant_replies(terminal, desk, credentials, escalated)
    terminal.line()
    terminal.note(
        f"Told in {time.monotonic() - started:.1f} s. Look around: {credentials.base_url}/chat/ as a customer, "
        f"{credentials.base_url}/admin/ as {credentials.admin_user}."
    )


def _mail_answered(terminal: Terminal, api: ApiClient) -> str:
    terminal.chapter(1, "Amelia writes an e-mail")
    subject, text = MAIL
    terminal.said(f"Amelia, by e-mail: {subject}", text)
    started = time.monotonic()
    accepted = api.mail_post(sender=AMELIA, subject=subject, text=text)
    terminal.fact("accepted", f"202 after {_ms(started)}, committed; {accepted['request_id']}")
    document = api.answer_wait(accepted)
    if document["status"] != "answered":
        raise StoryError(f"The mail ended as {document['status']}. Were the demo's articles deleted?")
    terminal.fact("answered", f"{_ms(started)} after she sent it, score {document['score']} of 100", GREEN)
    _reply_show(terminal, "The assistant, by e-mail", document["reply"])
    return document["conversation_id"]


def _chat_goes_on(terminal: Terminal, browser: Any, conversation_id: str) -> None:
    terminal.chapter(2, "She opens the link in the reply and goes on in the chat")
    link = continue_link_make(Conversation.objects.get(pk=conversation_id))
    with chat_continue(browser, link, conversation_id) as chat:
        thread = chat.thread()
        kinds = ", ".join(f"{message['author']} by {message['channel']['title']}" for message in thread)
        terminal.fact("she sees", f"{len(thread)} messages of this conversation: {kinds}")
        terminal.said("Amelia, in the chat", CHAT)
        heard = chat.ask(CHAT)
    where = " → ".join(dict.fromkeys(heard.statuses)) or "at once"
    terminal.fact("live", f"{where}; {heard.pieces} pieces, complete after {heard.seconds * 1000:.0f} ms", GREEN)
    _reply_show(terminal, "The assistant, in the chat", heard.reply)
    terminal.fact("one thread", "same customer, same conversation, two channels")


def _complaint_escalated(terminal: Terminal, api: ApiClient) -> dict[str, Any]:
    terminal.chapter(3, "Priya, a Premium member, is angry")
    subject, text = COMPLAINT
    terminal.said(f"Priya, by e-mail: {subject}", text)
    document = api.answer_wait(api.mail_post(sender=PRIYA, subject=subject, text=text))
    if document["status"] != "escalated":
        raise StoryError(f"The complaint ended as {document['status']}. Has a threshold or weight been changed?")
    terminal.fact("to a person", f"score {document['score']}, answered alone from {document['threshold']} on", YELLOW)
    lost = [
        (FACTOR_WORDS[Factor(name)], f"-{factor['count'] * factor['weight']}", _evidence(factor))
        for name, factor in document["factors"].items()
    ]
    terminal.rows([("every message starts with", "100", ""), *lost, ("score", str(document["score"]), "")])
    terminal.fact("told Priya", "honestly, that a colleague takes over; nothing was invented")
    return document


def _consultant_replies(terminal: Terminal, desk: Any, credentials: KeptCredentials, escalated: dict[str, Any]) -> None:
    terminal.chapter(4, "Robin, a consultant, replies from the console")
    console_login(desk, credentials)
    sent = escalation_answer(desk, escalated["escalation_id"], EDITED)
    suggestion = re.sub(r"\s+", " ", sent.suggestion)
    terminal.fact("suggested", f"{suggestion[:150]}…" if len(suggestion) > 150 else suggestion or "nothing")
    if not sent.done:
        raise StoryError("The console did not take the reply.")
    terminal.said("Robin, edited and sent by e-mail", EDITED)
    address = f"{credentials.base_url}/admin/conversations/escalation/{escalated['escalation_id']}/change/"
    terminal.fact("see it", address)


def _reply_show(terminal: Terminal, who: str, reply: dict[str, Any]) -> None:
    terminal.said(who, reply["text"], GREEN)
    for number, source in enumerate(reply["sources"], 1):
        terminal.fact(f"source {number}", source["title"])


def _evidence(factor: dict[str, Any]) -> str:
    return ", ".join(f"“{words}”" for words in factor["evidence"])[:60]


def _ms(started: float) -> str:
    return f"{(time.monotonic() - started) * 1000:.0f} ms"
