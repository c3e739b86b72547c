"""A browser's wish that what we know of its customer is deleted."""

from conversations.chat.session import Browser
from conversations.erasure import customer_erase
from conversations.models import Erasure, Identity
from omnicqm.common.errors import NotAllowed


class SignInNeeded(NotAllowed):
    """The data belongs to somebody who is known by more than this browser."""

    code = "sign_in_needed"


def chat_data_erase(*, browser: Browser) -> Erasure | None:
    """Delete what we hold of the customer behind `browser`; None when there is nothing.

    A visitor may delete what this browser said. Raises `SignInNeeded` when the customer is known by an address as well
    and the browser is not signed in as them.
    """
    customer = browser.customer
    if customer is None:
        return None
    if needs_sign_in(browser):
        raise SignInNeeded("Sign in first, so that we know that it is your data.")
    return customer_erase(customer=customer, actor=f"customer:{customer.pk}")


def needs_sign_in(browser: Browser) -> bool:
    """Whether this browser's customer is known by more than browsers, and nobody has shown to be them."""
    if browser.is_signed_in or browser.customer is None:
        return False
    return browser.customer.identities.exclude(kind=Identity.Kind.VISITOR).exists()
