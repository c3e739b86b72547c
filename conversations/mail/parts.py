"""Taking a mail as it travels (RFC 5322, MIME) apart."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from omnicqm.common.text import text_clean

TEXT_LIMIT = 1_000_000  # characters kept of each form


@dataclass(frozen=True)
class MailParts:
    """The two forms of a mail's body, cleaned, and its headers with lower-case names (the last of a name counts)."""

    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


def mail_parts(content: bytes) -> MailParts:
    """The parts of the mail in `content`. Broken mails are read as far as they can be; nothing is raised."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in message.walk():
        kind = part.get_content_type()
        if kind in texts and part.get_content_disposition() != "attachment":
            texts[kind].append(_part_text(part))
    return MailParts(
        text=text_clean("\n".join(texts["text/plain"]))[:TEXT_LIMIT],
        html=text_clean("\n".join(texts["text/html"]))[:TEXT_LIMIT],
        headers=_headers(message),
    )


def bytes_text(content: bytes, charset: str | None = None) -> str:
    """`content` as text: in `charset` where that works, else UTF-8, else Windows-1252, which takes anything."""
    for encoding in (charset, "utf-8-sig"):
        try:
            return content.decode(encoding) if encoding else content.decode("utf-8-sig")
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("cp1252", "replace")


def _part_text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    return bytes_text(content, part.get_content_charset()) if isinstance(content, bytes) else ""


def _headers(message: EmailMessage) -> dict[str, str]:
    """Read from the raw values: Python's parser raises on some addresses that really occur."""
    return {name.lower(): text_clean(str(value)) for name, value in message.raw_items()}
