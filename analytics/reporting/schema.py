"""Making the views, the daily sums and the role that reads them, after every migration.

They are code, not migrations: made again whenever they differ from what stands in `views` and `sums`. A migration of
the facts takes them away first, so that none is in its way.
"""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import ProgrammingError

from analytics.reporting.sums import SUMS, sums_fingerprint, sums_statements
from analytics.reporting.views import SCHEMA, VIEWS, views_fingerprint
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

ROLE = "omnicqm_analyst"
REMEDY = (
    f"As an administrator of the database run: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <the user of DATABASE_URL>; "
    "then 'manage.py migrate'."
)
_FACTS = "SELECT to_regclass('analytics_insightfact') IS NOT NULL"
_MADE_FROM = "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')"
_MAY_READ = f"""
SELECT pg_has_role(current_user, r.oid, 'MEMBER')
  AND coalesce(has_schema_privilege(r.oid, to_regnamespace('{SCHEMA}'), 'USAGE'), false)
FROM pg_roles r WHERE r.rolname = '{ROLE}'"""


def before_migrating(*, plan: list[tuple[Any, bool]], using: str, **_: Any) -> None:
    """Receiver of `pre_migrate`."""
    if any(migration.app_label == "analytics" for migration, _ in plan):
        with connections[using].cursor() as cursor:
            _all_drop(cursor)


def after_migrating(*, app_config: AppConfig, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`: the views as they are to be, readable for the role where there can be one."""
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute(_FACTS)
        if not cursor.fetchone()[0]:
            return  # migrated back, or not yet
        _views_make(cursor)
        _role_ensure(cursor, using)


def reader_exists(cursor: CursorWrapper) -> bool:
    """Whether questions can be asked under their own role."""
    cursor.execute(_MAY_READ)
    row = cursor.fetchone()
    return bool(row and row[0])


def sums_are_kept() -> bool:
    """Whether the daily sums are those of this catalogue and of days in `settings.TIME_ZONE`."""
    with connection.cursor() as cursor:
        return _is_made(cursor)


def _is_made(cursor: CursorWrapper) -> bool:
    cursor.execute(_MADE_FROM, [SCHEMA])
    return bool(cursor.fetchone()[0] == _fingerprint())


def _fingerprint() -> str:
    return f"{views_fingerprint()} {sums_fingerprint(settings.TIME_ZONE)}"


def _views_make(cursor: CursorWrapper) -> None:
    if _is_made(cursor):
        return
    _all_drop(cursor)
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    for name, sql in VIEWS.items():
        cursor.execute(f"CREATE VIEW {SCHEMA}.{name} AS {sql}")
    for statement in sums_statements(settings.TIME_ZONE):
        cursor.execute(statement)
    cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{_fingerprint()}'")


def _all_drop(cursor: CursorWrapper) -> None:
    for schema in (SCHEMA, SUMS):
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _role_ensure(cursor: CursorWrapper, using: str) -> None:
    cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [ROLE])
    if not cursor.fetchone()[0] and not _role_create(cursor, using):
        return
    cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ROLE}")
    cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {ROLE}")


def _role_create(cursor: CursorWrapper, using: str) -> bool:
    try:
        with transaction.atomic(using):
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN")
            cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
    except ProgrammingError:
        log.warning("analyst_role_missing", remedy=REMEDY)
        return False
    return True
