"""Is it alive, is it ready. Neither asks a model anything."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from omnicqm.common.api.problems import CONTENT_TYPE, problem

CONNECT_SECONDS = 2


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "live"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Messages can be taken in and worked on; else 503 with the names of the parts that are not ready."""
    missing = [name for name, check in _PARTS.items() if not check()]
    if not missing:
        return JsonResponse({"status": "ready"})
    detail = f"Not ready: {', '.join(missing)}. 'manage.py doctor' says more."
    document = problem(503, "not_ready", detail, not_ready=missing)
    return JsonResponse(document, status=503, content_type=CONTENT_TYPE, headers={"Retry-After": "5"})


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _broker() -> bool:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
        ) as client:
            return bool(client.ping())
    except (RedisError, ValueError):
        return False


_PARTS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "broker": _broker}
