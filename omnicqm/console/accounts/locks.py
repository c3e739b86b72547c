"""The lock of the staff sign-in: after five wrong passwords for a name from a network it stays shut for a while.

django-axes counts; here is how long it stays shut, who counts as one network, what the locked-out read, and how an
admin opens it again. A lock concerns one name from one network, so that nobody locks others out from elsewhere.
"""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from redis.exceptions import RedisError

from omnicqm.common.networks import UNKNOWN, network_of
from omnicqm.common.services import audit_record

LOCKS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240))  # the first, the second, … within a day
_REMEMBERED = 24 * 3600


class LockHandler(AxesDatabaseHandler):
    """Forgets only what is theirs who signs in: axes goes by their lock, and would end those of everybody else."""

    def clean_expired_user_attempts(self, request: Any = None, credentials: Any = None) -> int:
        """Delete wrong passwords that do not count any more; how many."""
        theirs = Q(username=get_client_username(request, credentials), ip_address=lock_address(request))
        theirs &= Q(attempt_time__lte=get_cool_off_threshold(request))
        over = Q(attempt_time__lte=timezone.now() - LOCKS[-1])
        return int(AccessAttempt.objects.filter(theirs | over).delete()[0])


def lock_address(request: HttpRequest) -> str | None:
    """The network of `request` as axes can store it: for IPv6 the first address of the /64."""
    network = network_of(request).partition("/")[0]
    return None if network == UNKNOWN else network


def lock_time(request: HttpRequest | None) -> timedelta:
    """How long wrong passwords count, and so how long a lock lasts: longer with every lock of this name and network."""
    name = _typed(request) if request is not None else ""
    address = lock_address(request) if request is not None else None
    return _lasts(_earlier_locks(name, address))


def _typed(request: HttpRequest) -> str:
    """The name as the form of the sign-in reads it, under which wrong passwords are counted."""
    return str(UsernameField().to_python(request.POST.get("username", "")))


def _lasts(locks: int) -> timedelta:
    return LOCKS[min(max(locks, 1), len(LOCKS)) - 1]


def _earlier_locks(name: str, address: str | None) -> int:
    with suppress(RedisError):  # without the cache every lock is as long as the first
        return int(cache.get(_key(name, address), 0))
    return 0


def _key(name: str, address: str | None) -> str:
    return f"sign-in-locks-{hashlib.sha256(f'{name} {address}'.encode()).hexdigest()}"


def lock_noted(*, request: HttpRequest, username: str | None, ip_address: str | None, **_: Any) -> None:
    """Receiver of axes' `user_locked_out`, which comes with every try while it is shut: the first counts."""
    if not getattr(request, "axes_failures_since_start", None):
        return
    name = username or ""
    with suppress(RedisError):
        cache.set(_key(name, ip_address), _earlier_locks(name, ip_address) + 1, _REMEMBERED)
    attempt = _attempts(name, ip_address).first()
    subject = User.objects.filter(username=name).first() or attempt
    if subject is not None:
        audit_record(actor="system:sign_in", action="user.locked", obj=subject)


def lock_forgotten(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Receiver of Django's `user_logged_in`: whoever got in starts anew."""
    if request is not None:
        with suppress(RedisError):
            cache.delete(_key(user.get_username(), lock_address(request)))


def locked_until(attempt: AccessAttempt) -> datetime | None:
    """Until when the name of `attempt` is locked from its network; None when it is not."""
    rows = list(_attempts(attempt.username or "", attempt.ip_address))
    if sum(row.failures_since_start for row in rows) < settings.AXES_FAILURE_LIMIT:
        return None
    lasts = _lasts(_earlier_locks(attempt.username or "", attempt.ip_address))
    until = max(row.attempt_time for row in rows) + lasts
    return until if until > timezone.now() else None


@transaction.atomic
def lock_end(*, attempt: AccessAttempt, actor: str) -> None:
    """Open the sign-in for the name and network of `attempt` again, and forget earlier locks of them."""
    subject = User.objects.filter(username=attempt.username).first() or attempt
    audit_record(actor=actor, action="user.unlocked", obj=subject)
    with suppress(RedisError):
        cache.delete(_key(attempt.username or "", attempt.ip_address))
    _attempts(attempt.username or "", attempt.ip_address).delete()


def _attempts(name: str, address: str | None) -> Any:
    return AccessAttempt.objects.filter(username=name, ip_address=address).order_by("-attempt_time")


def locked_page(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """What the locked-out read: the same whether there is such a login or not."""
    name, address = _typed(request), lock_address(request)
    attempt = _attempts(name, address).first()
    until = (locked_until(attempt) if attempt else None) or timezone.now() + LOCKS[0]
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    context = {**site.each_context(request), "title": "Sign-in is locked", "minutes": -(-seconds // 60)}
    page = render(request, "console/accounts/locked.html", context, status=429)
    page["Retry-After"] = str(seconds)
    return page
