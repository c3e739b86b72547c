"""``Idempotency-Key``: the same POST again gets the first answer, and nothing is done twice.

The answer is stored in the transaction that did the work, so there is never the one without the other. Refusals
(4xx, 5xx) undo the work and are not kept: the corrected request may use the same key.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from omnicqm.common.api.authentication import client_of
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import IdempotencyRecord
from omnicqm.common.services.idempotency import idempotency_begin, idempotency_complete, idempotency_find

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
MAX_KEY_LENGTH = 200
_KEPT_HEADERS = ("Location", "Retry-After")

Post = Callable[..., Response]


def idempotent(post: Post) -> Post:
    """Let the `post` method of a view obey ``Idempotency-Key``. A replayed answer has ``Idempotent-Replayed: true``.

    Answers 400 for a malformed key, 409 while the first request still runs, 422 when the key came with another
    request before.
    """

    @wraps(post)
    def wrapper(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = key_of(request.headers)
        if key is None:
            return post(view, request, *args, **kwargs)
        with transaction.atomic():
            record = idempotency_begin(client=client_of(request), key=key, fingerprint=_fingerprint(request))
            return _again(record) if record.status is not None else _kept(record, post(view, request, *args, **kwargs))

    return wrapper


def answered_once[T](request: Request, *, work: Callable[[], T], store: Callable[[T], Response]) -> Response:
    """For posts that work long before they store: `work` holds no transaction, `store` gets what it returned.

    Of requests with the same ``Idempotency-Key`` at the same time each works, and one stores. Errors as with
    `idempotent`.
    """
    key = key_of(request.headers)
    if key is None:
        return store(work())
    known = {"client": client_of(request), "key": key, "fingerprint": _fingerprint(request)}
    if (record := idempotency_find(**known)) is not None:
        return _again(record)
    done = work()
    with transaction.atomic():
        record = idempotency_begin(**known)
        return _again(record) if record.status is not None else _kept(record, store(done))


def _again(record: IdempotencyRecord) -> Response:
    return Response(record.body, status=record.status, headers={**record.headers, REPLAYED_HEADER: "true"})


def _kept(record: IdempotencyRecord, response: Response) -> Response:
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    idempotency_complete(record=record, status=response.status_code, headers=headers, body=response.data)
    return response


def key_of(headers: Mapping[str, str]) -> str | None:
    """The key a request came with. Raises `InvalidInput` for a malformed one."""
    key = headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise InvalidInput(f"{HEADER} must have 1 to {MAX_KEY_LENGTH} printable ASCII characters.", param=HEADER)
    return key


def fingerprint_of(method: str, path: str, body: Any) -> str:
    """SHA-256 of method, path and parsed body."""
    return _digest(method, path, body).hexdigest()


def _digest(method: str, path: str, body: Any) -> "hashlib._Hash":
    digest = hashlib.sha256(f"{method} {path}\n".encode())
    digest.update(json.dumps(body, sort_keys=True, default=str).encode())
    return digest


def _fingerprint(request: Request) -> str:
    """A file counts with its name and content."""
    fields = request.data
    plain = {name: fields[name] for name in fields if name not in request.FILES} if isinstance(fields, dict) else fields
    digest = _digest(request.method or "", request.path, plain)
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest.update(f"\n{name} {file.name} ".encode("utf-8", "replace"))
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    return digest.hexdigest()
