"""Makes customers of the chat, each with a conversation that people have, in the database that settings name.

    DJANGO_SETTINGS_MODULE=omnicqm.settings python -m benchmarks.chat_load.visitors COUNT NEWCOMERS

Every eleventh has a second page: by turns another tab of the same browser, or another device on which the customer
signed in too. Prints JSON: ``pages`` (session key, conversation id) and ``newcomers``, session keys of browsers that
have said nothing yet.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import django

SECOND_PAGE_EVERY = 11


def pages_make(count: int) -> Iterator[tuple[str, str]]:
    """`count` pages."""
    number = 0
    while count > 0:
        pages = customer_make(number, second=number % SECOND_PAGE_EVERY == 0 and count > 1)
        yield from pages
        count -= len(pages)
        number += 1


def customer_make(number: int, *, second: bool) -> list[tuple[str, str]]:
    from django.utils import timezone

    from conversations.models import Conversation, Customer, Identity

    customer = Customer.objects.create()
    visitor = session_make()
    Identity.objects.create(customer=customer, kind=Identity.Kind.VISITOR, value=visitor["chat_visitor"])
    conversation = Conversation.objects.create(customer=customer, status=Conversation.Status.WITH_CONSULTANT)
    sessions = [visitor, visitor] if second else [visitor]
    if second and number % 2:
        address = {"kind": Identity.Kind.EMAIL, "value": f"v{number}@example.com", "verified_at": timezone.now()}
        email = Identity.objects.create(customer=customer, **address)
        sessions = [session_make(email), session_make(email)]
    return [(str(session.session_key), conversation.pk) for session in sessions]


def session_make(identity: Any = None) -> Any:
    from django.contrib.sessions.backends.db import SessionStore

    from conversations.chat.session import browser_sign_in, visitor_ensure

    session = SessionStore()
    visitor_ensure(session)
    if identity is not None:
        browser_sign_in(session, identity)
    session.save()
    return session


if __name__ == "__main__":
    django.setup()
    newcomers = [session_make().session_key for _ in range(int(sys.argv[2]))]
    json.dump({"pages": list(pages_make(int(sys.argv[1]))), "newcomers": newcomers}, sys.stdout)
