"""Secrets of other systems at rest: sealed with a key derived from SECRET_KEY, opened only where they are used.

Fernet (AES-128-CBC with HMAC-SHA256) under a key of HKDF-SHA256. Keys in SECRET_KEY_FALLBACKS still open what they
sealed, so that SECRET_KEY can be rotated.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from omnicqm.common.errors import ConfigurationError

_PURPOSE = b"omnicqm sealed secrets 1"


def secret_seal(text: str) -> str:
    """`text` as a token that only this installation can open; every time another one. Empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def secret_open(token: str) -> str:
    """The text behind `token`. Raises `ConfigurationError` when it was sealed under a key that is no longer known."""
    if not token:
        return ""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ConfigurationError(
            "A stored secret cannot be opened: SECRET_KEY has changed. Enter the secret again, or restore the key.",
            param="SECRET_KEY",
        ) from error


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(force_bytes(key))
    return Fernet(base64.urlsafe_b64encode(derived))
