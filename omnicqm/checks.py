"""Start-up checks that name the variable to change. `manage.py check` shows them, with `--deploy` those for production.

Values of a wrong form are refused earlier, when settings read them.
"""

from typing import Any, cast

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from agents.providers.base import ModelProvider
from conversations.crm.noting import crm_is_on
from conversations.crm.salesforce import salesforce_options
from conversations.speech.provider import speech_get
from knowledge.embeddings import embedder_get
from omnicqm.common.backends import backend_get
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.outbox.stores import store_get


@register()
def addresses_complete(**_: Any) -> list[CheckMessage]:
    """With one server elsewhere, the other must be named too or have been started embedded by `manage.py up`."""
    if settings.EMBEDDED_POSTGRES and settings.EMBEDDED_VALKEY:
        return []
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not getattr(settings, name)]
    hint = "Set it, or start with 'manage.py up', which runs what has no address itself."
    return [Error(f"{name} is not set.", hint=hint, id="omnicqm.E001") for name in missing]


@register()
def secret_key_set(**_: Any) -> list[CheckMessage]:
    if settings.EMBEDDED_POSTGRES and settings.EMBEDDED_VALKEY:
        return []  # picked at the first start and kept in the data folder
    try:
        settings.SECRET_KEY  # noqa: B018 - Django refuses to hand out an empty one
    except ImproperlyConfigured:
        hint = "Set it to 50 or more random characters, the same for all processes."
        return [Error("SECRET_KEY is not set.", hint=hint, id="omnicqm.E002")]
    return []


@register()
def models_usable(**_: Any) -> list[CheckMessage]:
    """Without a call: that what settings choose can be built, and what to know of it. Imports only what is chosen."""
    found: list[CheckMessage] = []
    for alias in settings.MODEL_ROUTE:
        if alias == "local":
            continue  # it needs nothing that could be missing
        try:
            provider = cast(ModelProvider, backend_get("MODEL_PROVIDERS", alias))
        except ConfigurationError as error:
            return [Error(error.message, hint="Or set OMNICQM_MODEL=local.", id="omnicqm.E003")]
        found += [
            Warning(remark, hint="Watch its costs on your bill.", id="omnicqm.W005") for remark in provider.remarks
        ]
    return found


@register()
def embedder_usable(**_: Any) -> list[CheckMessage]:
    if settings.EMBEDDINGS == "local":
        return []
    try:
        embedder_get().prepare()
    except ConfigurationError as error:
        return [Error(error.message, hint="Or set OMNICQM_EMBEDDINGS=local.", id="omnicqm.E004")]
    return []


@register()
def speech_usable(**_: Any) -> list[CheckMessage]:
    try:
        speech_get()
    except (ConfigurationError, ArithmeticError) as error:
        message = error.message if isinstance(error, ConfigurationError) else "A price is a number of dollars."
        return [Error(message, hint="Or set OMNICQM_SPEECH=local.", id="omnicqm.E006")]
    return []


@register()
def warehouse_usable(**_: Any) -> list[CheckMessage]:
    if settings.FILES == "local":
        return []
    try:
        store_get()
    except ConfigurationError as error:
        return [Error(error.message, hint="Or set OMNICQM_FILES=local.", id="omnicqm.E005")]
    return []


@register()
def crm_usable(**_: Any) -> list[CheckMessage]:
    """Without a call: that what is set is complete, and that the files it names can be read."""
    if not crm_is_on():
        return []
    try:
        salesforce_options()
    except ConfigurationError as error:
        hint = "See docs/crm-cases.md, or leave OMNICQM_SALESFORCE_DOMAIN empty for no cases in a CRM."
        return [Error(error.message, hint=hint, id="omnicqm.E007")]
    return []


@register(Tags.security, deploy=True)
def public_address_secure(**_: Any) -> list[CheckMessage]:
    """Cookies, signed links and callbacks are made from OMNICQM_BASE_URL."""
    if not settings.OMNICQM_BASE_URL.startswith("https://"):
        hint = "Set it to the https:// address customers see."
        return [Warning(f"OMNICQM_BASE_URL is {settings.OMNICQM_BASE_URL}.", hint=hint, id="omnicqm.W001")]
    if settings.SECURE_PROXY_SSL_HEADER is None:
        hint = "Set it to 1 and let your proxy set X-Forwarded-Proto, so that requests are known to be secure."
        return [Warning("OMNICQM_BEHIND_PROXY is not set.", hint=hint, id="omnicqm.W002")]
    return []


@register(deploy=True)
def nothing_of_the_demo(**_: Any) -> list[CheckMessage]:
    if not settings.OMNICQM_DEMO:
        return []
    hint = "Set OMNICQM_DEMO=0: the demo's administrator has a known name and no second factor."
    return [Warning("The demo data is loaded at start.", hint=hint, id="omnicqm.W003")]


@register(deploy=True)
def staff_need_two_factors(**_: Any) -> list[CheckMessage]:
    if settings.STAFF_MFA == "required":
        return []
    hint = "Set OMNICQM_STAFF_MFA=required: a guessed password then opens nothing. Single logins can be exempted."
    return [Warning("Staff sign in with a password alone.", hint=hint, id="omnicqm.W006")]


@register(deploy=True)
def mail_goes_out(**_: Any) -> list[CheckMessage]:
    if settings.EMAIL_HOST:
        return []
    hint = "Set EMAIL_HOST to your mail server; until then e-mails, sign-in codes too, are only kept as files."
    return [Warning("EMAIL_HOST is not set.", hint=hint, id="omnicqm.W004")]
