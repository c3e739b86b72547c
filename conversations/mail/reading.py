"""What a customer wrote in a mail."""

import re

from conversations.mail.markup import html_text, marks_remove
from conversations.mail.quotes import quote_marks_remove, quotes_cut
from conversations.mail.signatures import says_nothing, signature_cut

_STUB = 200  # characters: a text part shorter than this may be a placeholder for the HTML
_STUB_SHARE = 4  # it is one when the HTML says this many times as much
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|meta|div|p|table|span|font|br)\b[^<]*>", re.IGNORECASE)
_IMAGE = re.compile(r"\[(?:cid:|image:|image\d)[^\]\n]{0,200}\]", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def mail_text(*, text: str, html: str) -> str:
    """What the customer wrote: without markup, quoted thread and signature.

    `text` and `html` are the two forms of one mail, cleaned (`omnicqm.common.text.text_clean`); either may be empty.
    The text form is preferred unless it is a stub; it may be HTML, too, as some gateways have one field only. A
    forwarded mail is left off below the customer's own words and kept where there are none. Never empty when the mail
    shows any text.
    """
    text = marks_remove(text)
    if not html.strip() and _MARKUP.match(text):
        text, html = "", text
    if html.strip() and (not text.strip() or _is_stub(text, html)):
        return _html_reading(html) or marks_remove(html_text(html)).strip() or text.strip()
    return _reading(text) or text.strip()


def _is_stub(text: str, html: str) -> bool:
    return len(text) < _STUB and len(html_text(html)) > _STUB_SHARE * len(text)


def _html_reading(html: str) -> str:
    """The signature a mail program marks goes first, unless the customer wrote inside of it."""
    own = quotes_cut(html_text(html, signatures=False))
    if says_nothing(own):
        return _reading(html_text(html))
    return _tidy(signature_cut(own)) or _tidy(own)


def _reading(text: str) -> str:
    own = quotes_cut(text)
    if says_nothing(own):
        # The customer passes a mail on and means what it says.
        whole = quote_marks_remove(text)
        return _tidy(whole.split("\n")) or whole.strip()
    return _tidy(signature_cut(own)) or _tidy(own)


def _tidy(lines: list[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return _BLANK_LINES.sub("\n\n", _IMAGE.sub("", marks_remove(text))).strip()
