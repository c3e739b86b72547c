"""Whether a person wrote a mail. A machine's is never answered: two machines would go on answering each other."""

import re
from collections.abc import Callable, Collection, Mapping
from email.utils import parseaddr

OWN_HEADER = "x-omnicqm-message"

_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply", "x-vacation")
_LIST_HEADERS = ("list-id", "list-unsubscribe", "list-post", "x-mailing-list", "feedback-id", "x-loop")
_BULK = ("bulk", "list", "junk", "auto_reply", "auto-reply")
_MACHINES = re.compile(
    r"(?:mailer[-_.]?daemon|post-?master|no[-_.]?reply|do[-_.]?not[-_.]?reply|nicht-?antworten|bounces?|"
    r"auto-?(?:reply|responder|mailer))(?:[-_+.=].*)?",
    re.IGNORECASE,
)
_GATEWAY_MARK = re.compile(r"^\s*(?:[\[(]\s*(?:external|extern|ext)\s*[\])]\s*:?\s*)?", re.IGNORECASE)
# Only at the very start and only when it ends there: "Automatic reply setup is broken" is a person's question.
_AUTO_SUBJECT = re.compile(
    r"""(?: auto(?:matic|mated)?[ -]?(?:reply|response)
    | out\ of\ (?:the\ )?office(?:\ (?:auto-?)?reply)?
    | automatische\ antwort | abwesenheit(?:s(?:notiz|nachricht|benachrichtigung|meldung|assistent))?
    | r[ée]ponse\ automatique | absence\ du\ bureau | respuesta\ autom[áa]tica | fuera\ de\ (?:la\ )?oficina
    | risposta\ automatica | fuori\ (?:sede|ufficio) | resposta\ autom[áa]tica | fora\ do\ escritório
    | automatisch\ antwoord | afwezig(?:heidsbericht)? | auto(?:matisk\ )?svar | automatiskt\ svar | frånvaromeddelande
    | automaattinen\ vastaus | odpowiedź\ automatyczna | automatyczna\ odpowiedź | automatická\ odpove[ďd]
    | автоматический\ ответ | автоответ | автоматична\ відповідь | otomatik\ yanıt | automatikus\ válasz
    | răspuns\ automat | αυτόματη\ απάντηση | 自動応答 | 自动答复 | 自动回复 | 自動回覆 | 자동\ 회신
    ) \s* (?: [:：\[(] | \s[-–—]\s | $ )""",
    re.IGNORECASE | re.VERBOSE,
)
# "Delivery failed" is what a customer of a shop writes; a mail server says that mail could not be delivered.
_BOUNCE_SUBJECT = re.compile(
    r"""(?: (?: undeliver(?:able|ed) | unzustellbar | non\ remis | no\ se\ puede\ entregar | non\ recapitabile
          | onbestelbaar | não\ entregue ) \s* [:：]
    | delivery\ status\ notification | (?:mail|message)\ delivery\ (?:failed|failure|delayed|system|subsystem)
    | returned\ mail: | undelivered\ mail\ returned | failure\ notice\s*$ )""",
    re.IGNORECASE | re.VERBOSE,
)


def automatic_reason(*, headers: Mapping[str, str], subject: str, sender: str, own_addresses: Collection[str]) -> str:
    """Why nobody is to answer this mail, in a plain sentence; empty when a person wrote it.

    `headers` have lower-case names. `sender` is an address, with or without a name; `own_addresses` are the mailboxes
    this installation answers from.
    """
    address = parseaddr(sender)[1].strip().lower()
    if address in {own.strip().lower() for own in own_addresses}:
        return "It came from one of our own addresses."
    if headers.get(OWN_HEADER, "").strip():
        return "It is a message of ours that came back."
    if _MACHINES.fullmatch(address.partition("@")[0]):
        return "Its sender is a machine that reads no answers."
    return _headers_reason(headers) or _subject_reason(subject.strip())


def _headers_reason(headers: Mapping[str, str]) -> str:
    return next((reason for holds, reason in _HEADER_RULES if holds(headers)), "")


def _subject_reason(subject: str) -> str:
    start = len(subject) - len(_GATEWAY_MARK.sub("", subject, count=1))
    if _AUTO_SUBJECT.match(subject, start):
        return "Its subject says that it is an automatic reply."
    if _BOUNCE_SUBJECT.match(subject, start):
        return "Its subject says that it reports on a delivery."
    return ""


def _word(headers: Mapping[str, str], name: str) -> str:
    """The value of a header without parameters and comments, in lower case."""
    return re.split(r"[;(]", headers.get(name, ""), maxsplit=1)[0].strip().lower()


def _is_auto_submitted(headers: Mapping[str, str]) -> bool:
    return _word(headers, "auto-submitted") not in ("", "no")


def _is_report(headers: Mapping[str, str]) -> bool:
    return _word(headers, "content-type") == "multipart/report" or bool(headers.get("x-failed-recipients"))


def _has_empty_return_path(headers: Mapping[str, str]) -> bool:
    return headers.get("return-path", "").replace(" ", "") == "<>"


def _wants_no_answer(headers: Mapping[str, str]) -> bool:
    """Exchange's own header. It may also ask for no receipts or no absence notes only, which is not about us."""
    unwanted = {word.strip().lower() for word in headers.get("x-auto-response-suppress", "").split(",")}
    return bool(unwanted & {"all", "autoreply"})


def _is_auto_reply(headers: Mapping[str, str]) -> bool:
    return any(_word(headers, name) not in ("", "no", "false", "0") for name in _AUTO_HEADERS)


_HEADER_RULES: tuple[tuple[Callable[[Mapping[str, str]], bool], str], ...] = (
    (_is_auto_submitted, "Its header Auto-Submitted says that a machine sent it."),
    (_is_report, "It reports on the delivery of another mail."),
    (_has_empty_return_path, "It has no return path, as bounces have none."),
    (_wants_no_answer, "Its header X-Auto-Response-Suppress asks for no automatic answer."),
    (_is_auto_reply, "Its headers say that it is an automatic reply."),
    (lambda headers: _word(headers, "precedence") in _BULK, "Its header Precedence says that it is bulk mail."),
    (lambda headers: any(headers.get(name) for name in _LIST_HEADERS), "It came over a mailing list."),
)
