"""Whose sessions may listen, for many pages at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from omnicqm.common.errors import NotAllowed, NotAuthenticated, OmniError
from omnicqm.console.accounts.second_factor import NO_FACTOR, PASSED, factors_wanted
from omnicqm.console.templatetags.console import initials

MAY_LISTEN = "conversations.view_escalation"
RIGHTS = "django.contrib.auth.backends.ModelBackend"  # which keeps permissions; axes only counts failed logins


@dataclass(frozen=True)
class Login:
    """What a session says: the user, the hash that their next password ends, the second factor that opened it."""

    user_id: int
    mark: str
    factor: int | None


@dataclass(frozen=True)
class Person:
    """One of the staff, as others see them."""

    id: int
    name: str
    initials: str

    @classmethod
    def of(cls, user: Any) -> "Person":
        name = user.get_full_name() or user.get_username()
        return cls(user.pk, name, initials(name))

    @property
    def tone(self) -> int:
        """One of six colours, always the same for the same person."""
        return self.id % 6


class StandingCheck:
    """Four queries for any number of pages. Sessions are decoded again only when they have changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Login | None]] = {}

    def __call__(self, keys: Collection[str]) -> Mapping[str, Person | OmniError]:
        """By session key: who listens, or why they may not. Raises the database's errors."""
        logins = self._logins(keys)
        user_ids = {login.user_id for login in logins.values() if login}
        users = {user.pk: user for user in get_user_model().objects.filter(pk__in=user_ids, is_active=True)}
        wanted = factors_wanted(user_ids)
        whole = {key for key, login in logins.items() if login and _is_whole(login, wanted)}
        allowed = {user.pk for user in _allowed(user_ids)} if user_ids else set()
        return {key: _standing(logins.get(key) if key in whole else None, users, allowed) for key in keys}

    def _logins(self, keys: Collection[str]) -> dict[str, Login | None]:
        rows = Session.objects.filter(pk__in=keys, expire_date__gt=timezone.now())
        found: dict[str, tuple[str, Login | None]] = {}
        for key, data in rows.values_list("session_key", "session_data"):
            known = self._known.get(key)
            found[key] = known if known and known[0] == data else (data, _login(data))
        self._known = found
        return {key: login for key, (_, login) in found.items()}


def _allowed(user_ids: Collection[int]) -> Any:
    users: Any = get_user_model().objects
    return users.with_perm(MAY_LISTEN, backend=RIGHTS).filter(pk__in=user_ids, is_staff=True)


def _standing(
    login: Login | None, users: Mapping[int, AbstractBaseUser], allowed: Collection[int]
) -> Person | OmniError:
    user = users.get(login.user_id) if login else None
    if login is None or user is None or not _is_of(login.mark, user):
        return NotAuthenticated("You are not signed in any more. Sign in again.")
    if user.pk not in allowed:
        return NotAllowed("Only who may see escalations can listen to them. Ask an admin.")
    return Person.of(user)


def _is_of(login_hash: str, user: AbstractBaseUser) -> bool:
    """Whether the password is the one of the login, as Django's own `get_user` asks."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(login_hash, one) for one in hashes)


def _is_whole(login: Login, wanted: Mapping[int, int | None]) -> bool:
    """Whether it needs no further factor, as `is_fully_signed_in` asks for one."""
    return login.factor == wanted.get(login.user_id, NO_FACTOR)


def _login(data: str) -> Login | None:
    session = SessionStore().decode(data)
    user_id, login_hash = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY)
    if not (session.get(BACKEND_SESSION_KEY) and isinstance(login_hash, str) and str(user_id).isdecimal()):
        return None
    return Login(int(str(user_id)), login_hash, session.get(PASSED))
