"""How much API clients ask for: counted in Valkey with every request, stored once a minute."""

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from oauth2_provider.models import get_application_model
from redis.exceptions import RedisError, ResponseError

from omnicqm.common.logs import get_logger
from omnicqm.common.models import ClientGrant, ClientUse
from omnicqm.common.rates import USE_KEY, client_get

log = get_logger(__name__)

_STORING = f"{USE_KEY}:storing"  # what is being stored; requests meanwhile count anew
_KEPT = timedelta(days=400)
Counts = dict[str, int]  # requests, refused, and `at`: the last one, in milliseconds since 1970


def client_use_store() -> int:
    """Store what was counted since the last time; returns for how many clients and days.

    What a killed worker had begun is stored the next time. Should it die between commit and deletion, that minute
    counts twice. Without Valkey nothing is stored.
    """
    try:
        counted = _counted_take()
        with transaction.atomic():
            for (client_id, day), counts in counted.items():
                _add(client_id, day, counts)
        client_get().delete(_STORING)
    except RedisError as error:
        log.warning("client_use_not_stored", error=type(error).__name__)
        return 0
    return len(counted)


def client_use_purge() -> int:
    """Forget days more than 400 days ago; returns how many rows."""
    return ClientUse.objects.filter(day__lt=timezone.now().date() - _KEPT).delete()[0]


def _counted_take() -> dict[tuple[str, date], Counts]:
    """Fields are ``<client_id>/<day>/<count>``, as `omnicqm/common/rates/script.lua` writes them."""
    valkey = client_get()
    with suppress(ResponseError):  # nothing was counted; what an earlier attempt left behind may be there still
        valkey.renamenx(USE_KEY, _STORING)
    counted: dict[tuple[str, date], Counts] = defaultdict(dict)
    for field, value in valkey.hgetall(_STORING).items():
        client_id, day, name = str(field).rsplit("/", 2)
        counted[client_id, date.fromisoformat(day)][name] = int(value)
    return counted


def _add(client_id: str, day: date, counts: Counts) -> None:
    application = get_application_model().objects.filter(client_id=client_id).first()
    if application is None:  # deleted since
        return
    row, _ = ClientUse.objects.get_or_create(application=application, day=day)
    requests, refused = counts.get("requests", 0), counts.get("refused", 0)
    ClientUse.objects.filter(pk=row.pk).update(requests=F("requests") + requests, refused=F("refused") + refused)
    used_at = datetime.fromtimestamp(counts["at"] / 1000, UTC)
    earlier = Q(last_used_at__isnull=True) | Q(last_used_at__lt=used_at)
    ClientGrant.objects.filter(earlier, application=application).update(last_used_at=used_at)
