"""API clients: who may ask for tokens, with which secret, for which scopes and how often."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import get_access_token_model, get_application_model

from omnicqm.common.errors import Conflict, InvalidInput
from omnicqm.common.models import ClientGrant
from omnicqm.common.services.audit import audit_record
from omnicqm.common.tokens import tokens_forget

SYSTEM = "system:command"


@dataclass(frozen=True)
class ApiClient:
    """A client with a new secret, which is shown this once and kept as a hash only."""

    client_id: str
    client_secret: str


@transaction.atomic
def api_client_create(
    *,
    name: str,
    scopes: Iterable[str] | None = None,
    requests_per_minute: int | None = None,
    actor: str = SYSTEM,
) -> ApiClient:
    """A client that may ask for `scopes` (default: all), as often as settings say unless `requests_per_minute` does.

    Raises `InvalidInput` for a scope that does not exist.
    """
    granted = _known(settings.API_SCOPES if scopes is None else scopes)
    application_model = get_application_model()
    secret = generate_client_secret()
    application = application_model.objects.create(
        name=name,
        client_id=generate_client_id(),
        client_secret=secret,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
    )
    ClientGrant.objects.create(application=application, scopes=granted, requests_per_minute=requests_per_minute)
    audit_record(actor=actor, action="application.added", obj=application, details={"scopes": granted})
    return ApiClient(application.client_id, secret)


@transaction.atomic
def api_client_change(
    *, client_id: str, name: str, scopes: Iterable[str], requests_per_minute: int | None, actor: str
) -> None:
    """Tokens that are out keep working, with no more than the new `scopes`. Raises `InvalidInput`, `Conflict`."""
    application, grant = _locked(client_id)
    new = {"name": name, "scopes": _known(scopes), "requests_per_minute": requests_per_minute}
    old = {
        "name": application.name,
        "scopes": sorted(grant.scopes),
        "requests_per_minute": grant.requests_per_minute,
    }
    application.name = name
    application.save(update_fields=["name", "updated"])
    grant.scopes, grant.requests_per_minute = new["scopes"], requests_per_minute
    grant.save(update_fields=["scopes", "requests_per_minute"])
    changed = [field for field in new if new[field] != old[field]]
    _note(application, "application.changed", actor, {"fields": changed, "scopes": new["scopes"]})


@transaction.atomic
def api_client_rotate(*, client_id: str, overlap: timedelta | None, actor: str) -> ApiClient:
    """A new secret. The one before stays valid for `overlap`; None: until `api_client_secret_end`; 0: not at all.

    One that was still valid from an earlier rotation ends. Without an overlap the tokens end too. Raises `Conflict`
    for a client that is revoked.
    """
    application, grant = _locked(client_id)
    secret, ends = generate_client_secret(), overlap == timedelta(0)
    grant.earlier_secret = "" if ends else application.client_secret
    grant.earlier_until = timezone.now() + overlap if overlap else None
    grant.save(update_fields=["earlier_secret", "earlier_until"])
    application.client_secret = secret
    application.save(update_fields=["client_secret", "updated"])
    if ends:
        _tokens_end(application)
    hours = None if overlap is None else round(overlap.total_seconds() / 3600)
    _note(application, "application.secret_rotated", actor, {"overlap_hours": hours})
    return ApiClient(application.client_id, secret)


@transaction.atomic
def api_client_secret_end(*, client_id: str, actor: str) -> None:
    """Nobody gets in with the earlier secret any more; all tokens end, and who has the new secret asks for another."""
    application, grant = _locked(client_id)
    grant.earlier_secret, grant.earlier_until = "", None
    grant.save(update_fields=["earlier_secret", "earlier_until"])
    _tokens_end(application)
    _note(application, "application.secret_ended", actor)


@transaction.atomic
def api_client_revoke(*, client_id: str, actor: str) -> None:
    """For good: no secret and no token of the client works any more, in other processes within a second."""
    application, grant = _locked(client_id)
    grant.revoked_at, grant.earlier_secret, grant.earlier_until = timezone.now(), "", None
    grant.save(update_fields=["revoked_at", "earlier_secret", "earlier_until"])
    _tokens_end(application)
    _note(application, "application.revoked", actor)


def _known(scopes: Iterable[str]) -> list[str]:
    granted = sorted(set(scopes))
    if unknown := [scope for scope in granted if scope not in settings.API_SCOPES]:
        raise InvalidInput(f"There is no scope '{unknown[0]}'.", param="scopes")
    return granted


def _locked(client_id: str) -> tuple[Any, ClientGrant]:
    """The client and what it may do, for a change. A client without a row, made by other hands, gets one."""
    application = get_application_model().objects.select_for_update().get(client_id=client_id)
    grant, _ = ClientGrant.objects.get_or_create(application=application)
    if grant.revoked_at:
        raise Conflict("This client is revoked. Make a new one.", code="client_revoked")
    return application, grant


def _tokens_end(application: Any) -> None:
    get_access_token_model().objects.filter(application=application).delete()


def _note(application: Any, action: str, actor: str, details: dict[str, Any] | None = None) -> None:
    audit_record(actor=actor, action=action, obj=application, details=details)
    transaction.on_commit(tokens_forget)
