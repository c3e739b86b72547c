"""Names for customers in what others may look into: the same for the same customer, and nobody without our key can tell
whose."""

from django.conf import settings
from django.utils.crypto import salted_hmac

CHARS = 32


def pseudonym(customer_id: str) -> str:
    """32 hexadecimal digits for `customer_id`."""
    return _pseudonym(customer_id, settings.SECRET_KEY)


def pseudonyms(customer_id: str) -> list[str]:
    """All that `customer_id` may be called: also those made with earlier keys (SECRET_KEY_FALLBACKS)."""
    return [_pseudonym(customer_id, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _pseudonym(customer_id: str, key: str) -> str:
    return salted_hmac("omnicqm.pseudonym", customer_id, secret=key, algorithm="sha256").hexdigest()[:CHARS]
