"""Text to HTML that is safe to show: our replies from Markdown, customers' mails from their own HTML.

Nothing is loaded from elsewhere: no images, no styles, and links lead to http, https and mailto only.
"""

import html as entities
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from conversations.mail.markup import tags_strip
from conversations.mail.weight import html_is_heavy

_TEXT_TAGS = {"a", "b", "blockquote", "br", "code", "del", "em", "hr", "i", "li", "ol", "p", "pre", "s", "strong", "ul"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_MAIL_TAGS = {"div", "span", "u", "small", "sub", "sup", "dl", "dt", "dd", "caption", "tfoot"}
_LOST_WITH_CONTENT = {"script", "style", "head", "title", "noscript", "template", "svg", "math", "textarea", "select"}
_MOST_GROWTH = 4
_OPTIONS = {
    "clean_content_tags": _LOST_WITH_CONTENT,
    "attributes": {"a": {"href"}, "ol": {"start"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}},
    "url_schemes": {"http", "https", "mailto"},
    "url_relative": "deny",
    "link_rel": "noopener noreferrer nofollow",
}


def markdown_to_html(text: str) -> str:
    """The reply `text` (Markdown) as safe HTML. HTML inside the Markdown is shown as text, images as their links."""
    return nh3.clean(_markdown().render(text), tags=_TEXT_TAGS | _HEADINGS | _TABLES, **_OPTIONS)  # type: ignore[arg-type]


def markdown_tree(text: str) -> SyntaxTreeNode:
    """The reply `text` as `markdown_to_html` reads it, for other forms than HTML. Its depth is limited to 20."""
    return SyntaxTreeNode(_markdown().parse(text))


def html_sanitise(html: str) -> str:
    """A customer's `html` without everything that could act, load, track or restyle the page it is shown on.

    Of HTML made to keep a parser busy only the text is left.
    """
    if not html_is_heavy(html):
        tags = _TEXT_TAGS | _HEADINGS | _TABLES | _MAIL_TAGS
        safe = nh3.clean(html, tags=tags, **_OPTIONS)  # type: ignore[arg-type]
        if len(safe) <= _MOST_GROWTH * max(len(html), 10_000):  # open elements are repeated in new paragraphs
            return safe
    return f"<p>{entities.escape(tags_strip(html))}</p>"


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")
