"""What the company's server signs about a visitor of its page: a JSON web token (RFC 7519), HS256.

Signature and registered claims are checked by jwcrypto; no other algorithm is accepted, `none` least of all.
"""

import base64
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT, JWTExpired, JWTInvalidClaimFormat, JWTInvalidClaimValue, JWTMissingClaim

from conversations.widget.errors import IdentityRefused

MOST_CHARS = 4096
LONGEST_LIFE = 600  # seconds from iat to exp
LEEWAY = 60  # seconds that two clocks may differ
REQUIRED: dict[str, Any] = {"sub": None, "exp": None, "iat": None, "jti": None}


@dataclass(frozen=True)
class Claims:
    """Who the visitor is. `subject` is the company's own id of the customer; `email` only when the company vouches."""

    subject: str
    token_id: str
    expires_at: datetime
    email: str = ""
    account_number: str = ""
    name: str = ""


def claims_read(token: str, *, audience: str, secrets: list[str]) -> Claims:
    """The claims of `token`, signed with one of `secrets` for the public key `audience`. Raises `IdentityRefused`."""
    if not isinstance(token, str) or not token or len(token) > MOST_CHARS:
        raise IdentityRefused(f"identify() wants a token of 1 to {MOST_CHARS} characters.", param="token")
    if not secrets:
        raise IdentityRefused(
            "This widget key has no signing secret. Make one in the console.", param="key", code="no_secret"
        )
    return _claims(_verified(token, audience, secrets))


def _verified(token: str, audience: str, secrets: list[str]) -> dict[str, Any]:
    refused = IdentityRefused("The token is not one that we can read.", param="token")
    for secret in secrets:
        try:
            return _with_secret(token, audience, secret)
        except IdentityRefused as error:
            refused = error
            if error.code != "token_invalid":
                break  # the signature was right
    raise refused


def _with_secret(token: str, audience: str, secret: str) -> dict[str, Any]:
    key = JWK(kty="oct", k=base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode())
    checks = {**REQUIRED, "aud": audience}
    parsed = JWT(check_claims=checks, algs=["HS256"], expected_type="JWS")
    parsed.leeway = LEEWAY
    try:
        parsed.deserialize(token, key)
    except JWTExpired as error:
        raise _refused("token_expired", "The token has expired. Make a new one for every page.") from error
    except JWTMissingClaim as error:
        raise _refused("claim_missing", "The token needs the claims sub, aud, iat, exp and jti.") from error
    except JWTInvalidClaimValue as error:
        raise _refused("wrong_audience", "The token is for another key: aud must be the data-key.") from error
    except (JWTInvalidClaimFormat, JWException, ValueError, TypeError, ArithmeticError) as error:
        text = "The token is not signed with HS256 and this key's secret, or it is damaged."
        raise _refused("token_invalid", text) from error
    return _json_object(parsed.claims)


def _json_object(text: Any) -> dict[str, Any]:
    claims = json.loads(text)
    if not isinstance(claims, dict):
        raise _refused("token_invalid", "The token does not hold a JSON object.")
    return claims


def _claims(claims: dict[str, Any]) -> Claims:
    issued, expires = _number(claims, "iat"), _number(claims, "exp")
    if max(issued, _number(claims, "nbf") if "nbf" in claims else 0) > time.time() + LEEWAY:
        raise _refused("token_not_yet_valid", "The token is not valid yet. Check the clock of your server.")
    if expires - issued > LONGEST_LIFE:
        raise _refused("token_lives_too_long", f"exp may be {LONGEST_LIFE} seconds after iat at most.")
    # Whoever says that an address is not verified says that it may be somebody else's.
    vouched = claims.get("email_verified", True) is True
    return Claims(
        subject=_text(claims, "sub", 150, required=True),
        token_id=_text(claims, "jti", 200, required=True),
        expires_at=datetime.fromtimestamp(expires + LEEWAY, UTC),
        email=_text(claims, "email", 320) if vouched else "",
        account_number=_text(claims, "account_number", 100),
        name=_text(claims, "name", 200),
    )


def _text(claims: dict[str, Any], name: str, most: int, *, required: bool = False) -> str:
    value = claims.get(name, "")
    if value is None:
        value = ""
    if not isinstance(value, str) or len(value) > most or (required and not value.strip()):
        raise _refused("claim_invalid", f"{name} must be a text of {int(required)} to {most} characters.", name)
    return value.strip()


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        raise _refused("claim_invalid", f"{name} must be a moment in seconds since 1970.", name)
    return float(value)


def _refused(code: str, text: str, param: str = "token") -> IdentityRefused:
    return IdentityRefused(text, param=param, code=code)
