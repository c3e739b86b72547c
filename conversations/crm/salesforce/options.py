"""What settings say of Salesforce, checked. `docs/crm-cases.md` has the steps in Salesforce that go with it."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from conversations.crm.mapping import CrmMapping, mapping_read
from omnicqm.common.errors import ConfigurationError

_SITE = ".salesforce.com"
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*\.my")


@dataclass(frozen=True, eq=False)
class SalesforceOptions:
    """`domain` is the org's My Domain without ``.salesforce.com``. With a `private_key` we sign in as `username` by a
    signed token (JWT bearer), else by `client_secret` (client credentials). `endpoint` takes every request instead, if
    it is set."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)
    username: str
    private_key: str = field(repr=False)
    endpoint: str
    mapping: CrmMapping

    @property
    def place(self) -> str:
        """Where a case is kept."""
        return f"{self.domain}/{self.mapping.object}/{self.mapping.external_id}"

    @property
    def login(self) -> str:
        """Which of Salesforce's sign-in servers a signed token is meant for."""
        return "test" if ".sandbox." in f".{self.domain}." else "login"


def salesforce_options() -> SalesforceOptions:
    """Raises `ConfigurationError` that names the variable and what belongs there."""
    return _options(tuple(sorted(settings.SALESFORCE.items())))


@lru_cache(maxsize=4)
def _options(given: tuple[tuple[str, str], ...]) -> SalesforceOptions:
    values = dict(given)
    domain = _domain(values["domain"])
    if not values["client_id"]:
        raise _missing("client_id", "the consumer key of the external client app")
    if values["key_file"] and not values["username"]:
        raise _missing("username", "the integration user that OMNICQM_SALESFORCE_KEY_FILE signs in as")
    if not values["key_file"] and not values["client_secret"]:
        raise _missing("client_secret", "the app's consumer secret, or set OMNICQM_SALESFORCE_KEY_FILE")
    return SalesforceOptions(
        domain=domain,
        client_id=values["client_id"],
        client_secret=values["client_secret"],
        username=values["username"],
        private_key=_key(values["key_file"]),
        endpoint=values["endpoint"].rstrip("/"),
        mapping=mapping_read(values["mapping"]),
    )


def _domain(text: str) -> str:
    domain = text.lower().removeprefix("https://").rstrip("/").removesuffix(_SITE)
    if not _DOMAIN.fullmatch(domain):
        told = f"OMNICQM_SALESFORCE_DOMAIN is '{text}'"
        raise ConfigurationError(
            f"{told}. Set it to the org's My Domain, e.g. acme.my.salesforce.com (Setup, My Domain).",
            param="OMNICQM_SALESFORCE_DOMAIN",
        )
    return domain


def _key(path: str) -> str:
    """The text of an RSA key in PEM, without a password."""
    if not path:
        return ""
    variable = "OMNICQM_SALESFORCE_KEY_FILE"
    try:
        content = Path(path).read_bytes()
        key = load_pem_private_key(content, password=None)
    except (OSError, ValueError, TypeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is no private key in PEM without a password"
        raise ConfigurationError(f"{variable} ({path}) cannot be read: {told}.", param=variable) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError(f"{variable} ({path}) is no RSA key; Salesforce takes RS256.", param=variable)
    return content.decode()


def _missing(name: str, what: str) -> ConfigurationError:
    variable = f"OMNICQM_SALESFORCE_{name.upper()}"
    return ConfigurationError(f"{variable} is not set. Set it to {what}.", param=variable)


def options_forget() -> None:
    """Read the files behind the settings again."""
    _options.cache_clear()
