"""From a mail's bodies to what the customer wrote."""

import re

from mailparser_reply import EmailReplyParser

from conversations.rendering import html_text

_MARKUP = re.compile(r"<(?:!doctype|html|body|head|div|p|br|table|span)\b", re.IGNORECASE)


def mail_text(*, text: str, html: str) -> str:
    """What the customer wrote: no quoted thread, no signature, no markup. HTML decides when there is any."""
    if not html and _MARKUP.search(text):
        html = text
    plain = html_text(html) or text
    return (
        EmailReplyParser(languages=["en", "de", "fr", "it", "nl", "pl", "da", "es", "sv"])
        .parse_reply(text=plain)
        .strip()
        or plain.strip()
    )
