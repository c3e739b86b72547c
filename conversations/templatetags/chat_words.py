"""What the chat's pages say, in the reader's language: ``{% word "send" %}``."""

from typing import Any

from django import template

from conversations.chat.language import language_of
from conversations.words import DEFAULT, LANGUAGES, direction_of, word, words_of

register = template.Library()


@register.simple_tag(takes_context=True, name="word")
def word_tag(context: template.Context, name: str, **values: Any) -> str:
    """One text of the part `page`, escaped where it stands."""
    return word(_language(context), "page", name, **values)


@register.simple_tag(takes_context=True)
def chat_language(context: template.Context) -> str:
    """The language of the page, as `lang` has it."""
    return _language(context)


@register.simple_tag(takes_context=True)
def chat_direction(context: template.Context) -> str:
    """How it is read: ``ltr`` or ``rtl``."""
    return direction_of(_language(context))


@register.simple_tag(takes_context=True)
def script_words(context: template.Context) -> dict[str, Any]:
    """What the page's JavaScript says, with the texts of errors by code."""
    words = words_of(_language(context))
    return {**words["script"], "errors": words["error"]}


@register.simple_tag
def chat_languages() -> list[tuple[str, str]]:
    """Every language with its own name, to choose from."""
    return list(LANGUAGES.items())


def _language(context: template.Context) -> str:
    request = context.get("request")
    return language_of(request) if request is not None else DEFAULT
