"""What a company's server signs about its visitor, and every way it can be wrong."""

import base64
import json
import time

import pytest

from conversations.models import WidgetKey
from conversations.widget.claims import claims_read
from conversations.widget.errors import IdentityRefused
from tests.conversations.widget.shop import claims_make, sign

SECRET, OTHER = "wsk_the-shops-own-secret-of-32-bytes-or-more", "wsk_somebody-elses-secret-of-32-bytes-or-more"
KEY = WidgetKey(public_key="pk_aaaaaaaaaaaaaaaaaaaaaaaa")


def read(token, secrets=(SECRET,)):
    return claims_read(token, audience=KEY.public_key, secrets=list(secrets))


def refused(token, **options):
    with pytest.raises(IdentityRefused) as error:
        read(token, **options)
    return error.value.code


def test_a_good_token_says_who_it_is():
    claims = read(sign(claims_make(KEY, email="a@example.com", account_number="A-1", name="Ada", jti="x"), SECRET))
    assert (claims.subject, claims.email, claims.account_number) == ("17", "a@example.com", "A-1")
    assert (claims.name, claims.token_id) == ("Ada", "x")


def test_an_address_the_company_does_not_vouch_for_is_not_heard():
    for said in (False, None, "true", 0):
        token = sign({**claims_make(KEY, email="a@example.com"), "email_verified": said}, SECRET)
        assert read(token).email == ""
    assert read(sign(claims_make(KEY, email="a@example.com", email_verified=True), SECRET)).email == "a@example.com"


def test_both_secrets_sign_while_one_follows_the_other():
    assert read(sign(claims_make(KEY), OTHER), secrets=(SECRET, OTHER)).subject == "17"
    assert refused(sign(claims_make(KEY), OTHER)) == "token_invalid"
    assert refused(sign(claims_make(KEY), SECRET), secrets=()) == "no_secret"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", "dir", ""])
def test_only_hs256_is_a_signature(algorithm):
    assert refused(sign(claims_make(KEY), SECRET, alg=algorithm)) == "token_invalid"


def test_an_unsigned_token_is_nobodys():
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(claims_make(KEY)).encode()).rstrip(b"=").decode()
    for token in (f"{head}.{body}.", f"{head}.{body}", sign(claims_make(KEY), "")):
        assert refused(token) == "token_invalid"


def test_who_changes_a_signed_token_breaks_it():
    head, _, signature = sign(claims_make(KEY), SECRET).split(".")
    other = sign(claims_make(KEY, sub="18"), SECRET).split(".")[1]
    assert refused(f"{head}.{other}.{signature}") == "token_invalid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": int(time.time()) - 120, "iat": int(time.time()) - 400}, "token_expired"),
        ({"nbf": int(time.time()) + 3000}, "token_not_yet_valid"),
        ({"iat": int(time.time()) + 3000, "exp": int(time.time()) + 3300}, "token_not_yet_valid"),
        ({"exp": int(time.time()) + 100_000}, "token_lives_too_long"),
        ({"iat": int(time.time()) - 5000}, "token_lives_too_long"),
        ({"aud": "pk_bbbbbbbbbbbbbbbbbbbbbbbb"}, "wrong_audience"),
        ({"aud": None}, "claim_missing"),
        ({"sub": None}, "claim_missing"),
        ({"exp": None}, "claim_missing"),
        ({"iat": None}, "claim_missing"),
        ({"jti": None}, "claim_missing"),
        ({"sub": ""}, "claim_invalid"),
        ({"sub": "  "}, "claim_invalid"),
        ({"sub": "x" * 151}, "claim_invalid"),
        ({"email": ["a@example.com"]}, "claim_invalid"),
        ({"jti": "x" * 201}, "claim_invalid"),
    ],
)
def test_a_claim_that_is_wrong_has_a_code_of_its_own(changes, code):
    assert refused(sign(claims_make(KEY, **changes), SECRET)) == code


@pytest.mark.parametrize(
    "claims", [{"exp": "soon"}, {"exp": True}, {"exp": 1e400}, {"iat": "x"}, {"sub": 17}, {"jti": 5}]
)
def test_claims_of_another_type_are_refused(claims):
    assert refused(sign({**claims_make(KEY), **claims}, SECRET)) in {"token_invalid", "token_expired", "claim_invalid"}


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "a.b.c.d.e", "é" * 10, "x" * 5000, "{}", '{"payload":"x"}', None, 7, []]
)
def test_what_is_no_token_is_refused(token):
    assert refused(token) == "token_invalid"


@pytest.mark.parametrize("claims", [[], "text", None, 5])
def test_a_signed_body_that_is_no_object_is_refused(claims):
    assert refused(sign(claims, SECRET)) in {"token_invalid", "claim_missing"}
