"""What is known of API clients."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Model, Sum
from django.utils import timezone

from omnicqm.common.models import ClientGrant, ClientUse

COUNTED_DAYS = 30


@dataclass(frozen=True)
class UseCounts:
    """Requests of a client, today and in the last 30 days (UTC); of those, how many its rate refused."""

    today: int
    requests: int
    refused: int


def client_is_revoked(application: Model) -> bool:
    return ClientGrant.objects.filter(application=application.pk, revoked_at__isnull=False).exists()


def earlier_secret_of(current: str) -> str:
    """The hash of the secret that is still valid beside the one with the hash `current`; empty without one."""
    grant = ClientGrant.objects.filter(application__client_secret=current).exclude(earlier_secret="").first()
    return grant.earlier_secret if grant and grant.has_earlier_secret else ""


def client_use_counts(application: Model) -> UseCounts:
    """To the minute: what was asked since is still being counted."""
    today = timezone.now().date()
    rows = ClientUse.objects.filter(application=application.pk, day__gt=today - timedelta(days=COUNTED_DAYS))
    sums = rows.aggregate(requests=Sum("requests", default=0), refused=Sum("refused", default=0))
    counted = rows.filter(day=today).values_list("requests", flat=True).first()
    return UseCounts(today=counted or 0, **sums)
