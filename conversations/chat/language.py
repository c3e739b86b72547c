"""In which language a browser is spoken to: the one its reader chose here, else the first that it asks for."""

from django.http import HttpRequest

from conversations.words import language_accepted, language_known

CHOSEN_KEY = "chat_language_chosen"
SHOWN_KEY = "chat_language"  # of the pages this browser saw last: the customer's language, as far as we know


def language_of(request: HttpRequest) -> str:
    """One of `conversations.words.LANGUAGES`."""
    session = getattr(request, "session", {})
    return language_known(session.get(CHOSEN_KEY, "")) or language_accepted(request.headers.get("Accept-Language", ""))


def language_note(request: HttpRequest) -> str:
    """Remember the language this browser is spoken to in, for whoever answers it; returns it."""
    language = language_of(request)
    if request.session.get(SHOWN_KEY) != language:
        request.session[SHOWN_KEY] = language
    return language


def language_choose(request: HttpRequest, code: str) -> None:
    """Speak to this browser in the language `code` from now on; one that we do not speak changes nothing."""
    if known := language_known(code):
        request.session[CHOSEN_KEY] = known
