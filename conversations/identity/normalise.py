"""One way to write every identity, so that equal means the same one.

Exact only: nothing is guessed. Dots and plus tags in a mailbox name can be other mailboxes, so they stay.
"""

import re
import unicodedata

import idna
import phonenumbers

from conversations.models import Identity
from omnicqm.common.errors import InvalidInput
from omnicqm.common.text import identifier_check

MAX_LENGTH = 320
_LOCAL_PART = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}")
_ACCOUNT = re.compile(r"[!-~]+")  # printable ASCII


def identity_normalise(kind: str, value: str, *, param: str = "identity", region: str | None = None) -> str:
    """`value` as identities of `kind` are stored.

    `region` is the country (``US``) of phone numbers written without one; without it they are refused. Raises
    `InvalidInput` naming `param` when `value` has not the form of its kind.
    """
    if kind not in Identity.Kind.values:
        raise InvalidInput(f"'{kind}' is no kind of identity. Known: {', '.join(Identity.Kind.values)}.", param=param)
    value = identifier_check(value, param=param)
    if not value or len(value) > MAX_LENGTH:
        raise InvalidInput(f"{param} must have 1 to {MAX_LENGTH} characters.", param=param)
    match kind:
        case Identity.Kind.EMAIL:
            return email_normalise(value, param=param)
        case Identity.Kind.PHONE:
            return phone_normalise(value, param=param, region=region)
        case Identity.Kind.ACCOUNT:
            return account_normalise(value, param=param)
        case _:
            return unicodedata.normalize("NFC", value)


def email_normalise(address: str, *, param: str = "email") -> str:
    """The address in lower case with an ASCII domain. Raises `InvalidInput` naming `param`."""
    local, at, domain = unicodedata.normalize("NFC", address).rpartition("@")
    wrong = InvalidInput(f"{param} is not an e-mail address.", param=param, code="invalid_email")
    if not at or not _LOCAL_PART.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise wrong
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode().lower()
    except idna.IDNAError as error:
        raise wrong from error
    labels = ascii_domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit():
        raise wrong
    return f"{local.lower()}@{ascii_domain}"


def account_normalise(number: str, *, param: str = "account") -> str:
    """The number in upper case without blanks; leading zeros count. Raises `InvalidInput` naming `param`."""
    normal = "".join(unicodedata.normalize("NFKC", number).upper().split())
    if not _ACCOUNT.fullmatch(normal):
        raise InvalidInput(f"{param} is not an account number.", param=param, code="invalid_account")
    return normal


def phone_normalise(number: str, *, param: str = "phone", region: str | None = None) -> str:
    """The number in E.164, e.g. ``+12135550115``. Raises `InvalidInput` naming `param`."""
    wrong = InvalidInput(
        f"{param} is not a phone number with its country code, e.g. +12135550115.", param=param, code="invalid_phone"
    )
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        raise wrong from error
    if not phonenumbers.is_possible_number(parsed):
        raise wrong
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
