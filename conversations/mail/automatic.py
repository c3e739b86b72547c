"""Which mails were written by a machine. Answering them would start a loop, or annoy somebody's out-of-office."""

import re
from collections.abc import Collection, Mapping

OWN_MARK = "x-omnicqm-message"  # on every mail we send

_MACHINE_HEADERS = (
    "list-id",
    "list-unsubscribe",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-mail-autoreply",
    "x-loop",
    "x-failed-recipients",
    "feedback-id",
)
_BULK = {"bulk", "list", "junk", "auto_reply", "auto-reply"}
_MACHINE_MAILBOXES = re.compile(r"(?:mailer-daemon|postmaster|no-?_?reply|do-?_?not-?_?reply|bounces?)(?:[+-].*)?")
# Only at the very beginning: a customer who writes "About your automatic reply" is a person.
_SUBJECTS = re.compile(
    r"""(?:
        auto(?:matic|matische|matisk|matique)?[ -]?(?:reply|response|svar|antwort)
      | autom(?:atische|\.)\ (?:antwort|antwoord)  | automatisch\ antwoord
      | abwesenheits(?:notiz|benachrichtigung|meldung)
      | out\ of\ (?:the\ )?office (?=\s*(?:$|:|-|auto|re))  | (?:i\ am|i'm)\ (?:currently\ )?out\ of\ (?:the\ )?office
      | r[ée]ponse\ automatique | absence\ du\ bureau | respuesta\ autom[áa]tica | fuera\ de\ la\ oficina
      | risposta\ automatica | fuori\ sede | resposta\ autom[áa]tica | autosvar
      | automatiskt\ svar | automaattinen\ vastaus
      | автоматический\ ответ | automatyczna\ odpowied[źz] | 自動応答 | 自动回复
      | undeliver(?:able|ed)\ (?:mail|message)? | delivery\ status\ notification | delivery\ (?:has\ )?failed
      | mail\ delivery\ (?:failed|failure|subsystem) | returned\ mail
      | failure\ notice | unzustellbar | nicht\ zustellbar
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_REPLY_MARKS = re.compile(r"^\s*(?:\[external\]|\(external\))?\s*", re.IGNORECASE)


def automatic_reason(*, headers: Mapping[str, str], subject: str, sender: str, own_addresses: Collection[str]) -> str:
    """Why a mail must not be answered, in a few words; empty when a person wrote it.

    `headers` have lower-case names and may be few or none: then `sender` and the beginning of `subject` decide.
    """
    return _by_headers(headers) or _by_sender(sender, own_addresses) or _by_subject(subject)


def _by_headers(headers: Mapping[str, str]) -> str:
    if OWN_MARK in headers:
        return "our own mail came back"
    submitted = headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    if submitted not in ("no", ""):
        return f"header Auto-Submitted: {submitted[:40]}"
    if headers.get("precedence", "").strip().lower() in _BULK:
        return "header Precedence: bulk mail"
    if headers.get("return-path", "").strip() == "<>":
        return "empty return path"
    if headers.get("content-type", "").lower().startswith("multipart/report"):
        return "a delivery report"
    found = next((name for name in _MACHINE_HEADERS if name in headers), "")
    return f"header {found}" if found else ""


def _by_sender(sender: str, own_addresses: Collection[str]) -> str:
    address = sender.strip().lower()
    if address in own_addresses:
        return "our own address wrote it"
    if _MACHINE_MAILBOXES.fullmatch(address.partition("@")[0]):
        return "the sender's mailbox takes no mail"
    return ""


def _by_subject(subject: str) -> str:
    start = _REPLY_MARKS.sub("", subject, count=1)
    return "the subject is an automatic reply's" if _SUBJECTS.match(start) else ""
