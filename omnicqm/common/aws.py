"""AWS: one factory for clients, one way to wait for a call, one meaning for each failure.

boto3 limits how long the other side may be silent, not how long a call takes, and a blocked read cannot be cancelled
(measured with botocore 1.44.5, which is pinned for that). So a call runs in a thread of its own: whoever waits for it
leaves at the deadline, and the connection is cut, which ends the thread too.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import Any

import boto3
from botocore import awsrequest, exceptions
from botocore.config import Config
from botocore.eventstream import ParserError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from omnicqm.common.errors import ConfigurationError, OmniError

CONNECT_SECONDS = 2.0
MAX_SILENCE_SECONDS = 30.0
MAX_CONNECTIONS = 64
MAX_CALLS = 256  # at once in this process, those included that nobody waits for any more


class AwsKind(StrEnum):
    """What a failure means for the caller, whichever service and layer it comes from."""

    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    GARBLED = "garbled"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    QUOTA = "quota"
    INVALID = "invalid"


_TRANSIENT = {AwsKind.THROTTLED, AwsKind.TIMEOUT, AwsKind.UNAVAILABLE, AwsKind.GARBLED}


class AwsFailure(OmniError):
    """A call to AWS that brought no answer. `aws_code` is the service's own name for it, empty for transport errors."""

    code, status = "aws_failure", 502

    def __init__(self, kind: AwsKind, message: str, *, aws_code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.kind, self.aws_code, self.request_id = kind, aws_code, request_id
        self.transient = kind in _TRANSIENT


_NO_REGION = "AWS_REGION is not set. Name the region whose services are to be used, e.g. eu-central-1."


# --- Clients ---------------------------------------------------------------------------------------------------------
_clients: dict[tuple[Any, ...], Any] = {}
_building = threading.Lock()


def aws_client(service: str) -> Any:
    """The boto3 client of `service`, e.g. ``"bedrock-runtime"``; one per process and AWS environment, thread-safe.

    It never retries by itself. Raises `ConfigurationError` when region or endpoint are missing or wrong.
    """
    key = (os.getpid(), service, *sorted(item for item in os.environ.items() if item[0].startswith("AWS_")))
    with _building:  # sessions are not thread-safe
        if key not in _clients:
            _clients[key] = _client_build(service)
        return _clients[key]


def aws_region() -> str:
    """The region that AWS's own variables and files name. Raises `ConfigurationError` when none does."""
    with _building:
        region = _session().region_name
    if not region:
        raise ConfigurationError(_NO_REGION, param="AWS_REGION")
    return str(region)


def _session() -> boto3.session.Session:
    """boto3 itself reads AWS_DEFAULT_REGION, of AWS's two variables the older (measured with 1.44.5)."""
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)


def _client_build(service: str) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=MAX_SILENCE_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
    )
    try:
        client = _session().client(service, config=config)
    except exceptions.NoRegionError as error:
        raise ConfigurationError(_NO_REGION, param="AWS_REGION") from error
    except (exceptions.BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"No AWS client for {service}: {error}", param="AWS_*") from error
    client.meta.events.register("request-created", _read_timeout_set)
    client._endpoint.http_session._manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return client


# --- Calls -----------------------------------------------------------------------------------------------------------
_slots = threading.BoundedSemaphore(MAX_CALLS)
_here = threading.local()  # .call is the call that this thread makes


class _Call:
    """A call in a thread of its own."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.is_cut = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def start(self, work: Callable[[], None]) -> None:
        """Raises `AwsFailure` when too many calls are under way."""
        if not _slots.acquire(blocking=False):
            raise AwsFailure(AwsKind.UNAVAILABLE, f"{MAX_CALLS} calls to AWS are under way in this process.")
        try:
            threading.Thread(target=self._run, args=(work,), name="aws-call", daemon=True).start()
        except BaseException:
            _slots.release()
            raise

    def _run(self, work: Callable[[], None]) -> None:
        _here.call = self
        try:
            work()
        finally:
            _slots.release()

    def use(self, used: socket.socket | None) -> None:
        """It reads from `used` now; from None once its connection went back to the pool, where others take it."""
        with self._lock:
            self._socket = used
            if self.is_cut:
                self._shut()

    def cut(self) -> None:
        """Nobody waits any more: end a blocked read. `close` would not, it only forgets the socket."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def left(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0)


def aws_call[T](work: Callable[[], T], *, deadline: float) -> T:
    """The result of `work`, which makes one call with a client of ours.

    `deadline` is a `time.monotonic()` instant at which the wait ends, whatever the other side does.
    Raises `AwsFailure`.
    """
    [result] = aws_stream(lambda: [work()], deadline=deadline)
    return result


def aws_stream[T](opened: Callable[[], Iterable[T]], *, deadline: float) -> Generator[T]:
    """The items of what `opened` opens with a client of ours, each as soon as it is there.

    Leaving the iteration early cuts the connection. Raises `AwsFailure`, at `deadline` with the kind ``timeout``.
    """
    call, queue = _Call(deadline), SimpleQueue[tuple[str, Any]]()

    def work() -> None:
        try:
            for item in opened():
                queue.put(("item", item))
                if call.is_cut:
                    return
            queue.put(("end", None))
        except Exception as error:
            queue.put(("error", error))

    call.start(work)
    try:
        yield from _received(queue, call)
    finally:
        call.cut()


def _received(queue: SimpleQueue[tuple[str, Any]], call: _Call) -> Iterator[Any]:
    while True:
        try:
            what, value = queue.get(timeout=call.left())
        except Empty:
            raise AwsFailure(AwsKind.TIMEOUT, "AWS did not answer in time.") from None
        if what == "end":
            return
        if what == "error":
            raise aws_failure(value) from value
        yield value


def _read_timeout_set(request: Any, **_: Any) -> None:
    """Silence up to the deadline of the call and no longer (`request.context` is botocore's own, pinned)."""
    call = getattr(_here, "call", None)
    if call is not None:
        request.context["read_timeout"] = min(max(call.left(), 0.05), MAX_SILENCE_SECONDS)


class _SocketNoted:
    """A connection that tells the call of its thread which socket to cut."""

    sock: socket.socket | None

    def request(self, *args: Any, **kwargs: Any) -> Any:
        call = getattr(_here, "call", None)
        if call is not None:
            call.use(self.sock)
        answer = super().request(*args, **kwargs)  # type: ignore[misc]
        if call is not None:
            call.use(self.sock)
        return answer


class _HttpConnection(_SocketNoted, awsrequest.AWSHTTPConnection): ...


class _HttpsConnection(_SocketNoted, awsrequest.AWSHTTPSConnection): ...


class _ReturnNoted:
    """A pool that tells the call of its thread when its connection comes back: from then on it is not the call's."""

    def _put_conn(self, connection: Any) -> None:
        call = getattr(_here, "call", None)
        if call is not None:
            call.use(None)
        super()._put_conn(connection)  # type: ignore[misc]


class _HttpPool(_ReturnNoted, awsrequest.AWSHTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_ReturnNoted, awsrequest.AWSHTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


# --- Failures --------------------------------------------------------------------------------------------------------
# Codes of the services we use; what is not here goes by the HTTP status. Source: botocore's service models.
_BY_CODE = {
    "ThrottlingException": AwsKind.THROTTLED,
    "Throttling": AwsKind.THROTTLED,
    "TooManyRequestsException": AwsKind.THROTTLED,
    "ProvisionedThroughputExceededException": AwsKind.THROTTLED,
    "RequestLimitExceeded": AwsKind.THROTTLED,
    "SlowDown": AwsKind.THROTTLED,
    "ModelTimeoutException": AwsKind.TIMEOUT,
    "ModelNotReadyException": AwsKind.UNAVAILABLE,
    "ModelErrorException": AwsKind.UNAVAILABLE,
    "ModelStreamErrorException": AwsKind.UNAVAILABLE,
    "InternalServerException": AwsKind.UNAVAILABLE,
    "ServiceUnavailableException": AwsKind.UNAVAILABLE,
    "ServiceQuotaExceededException": AwsKind.QUOTA,
    "LimitExceededException": AwsKind.QUOTA,
    "AccessDeniedException": AwsKind.DENIED,
    "UnrecognizedClientException": AwsKind.DENIED,
    "InvalidSignatureException": AwsKind.DENIED,
    "ExpiredTokenException": AwsKind.DENIED,
    "ExpiredToken": AwsKind.DENIED,
    "ResourceNotFoundException": AwsKind.NOT_FOUND,
    "ValidationException": AwsKind.INVALID,
}
_BY_STATUS = {
    401: AwsKind.DENIED,
    403: AwsKind.DENIED,
    404: AwsKind.NOT_FOUND,
    408: AwsKind.TIMEOUT,
    424: AwsKind.UNAVAILABLE,
    429: AwsKind.THROTTLED,
}
_NOT_CONFIGURED = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.InvalidEndpointConfigurationError,
    exceptions.NoAuthTokenError,
)
# Checksums and frames of event streams, documents, characters: what came is not what was sent.
_GARBLED = (ParserError, ResponseParserError, ValueError, KeyError, TypeError, AttributeError)


def aws_failure(error: Exception) -> AwsFailure:
    """What `error`, raised while a client of ours was used, means. Programming errors of ours are not hidden: they
    come back as ``invalid`` (parameters) or are raised again."""
    if isinstance(error, AwsFailure):
        return error
    if isinstance(error, exceptions.ClientError):
        return _of_service(error)
    if isinstance(error, exceptions.ParamValidationError):
        return AwsFailure(AwsKind.INVALID, f"The call has wrong parameters: {str(error)[:300]}")
    if isinstance(error, _NOT_CONFIGURED):
        return AwsFailure(AwsKind.DENIED, f"AWS is not configured ({type(error).__name__}): {str(error)[:300]}")
    return _of_transport(error)


def _of_transport(error: Exception) -> AwsFailure:
    name = type(error).__name__
    if isinstance(error, exceptions.ReadTimeoutError | ReadTimeoutError | TimeoutError):
        return AwsFailure(AwsKind.TIMEOUT, f"AWS was silent for too long ({name}).")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError | HTTPError | OSError):
        return AwsFailure(AwsKind.UNAVAILABLE, f"No connection to AWS ({name}).")
    if isinstance(error, _GARBLED):
        return AwsFailure(AwsKind.GARBLED, f"What AWS answered cannot be read ({name}).")
    raise error


def _of_service(error: exceptions.ClientError) -> AwsFailure:
    """Also errors in the middle of a stream, whose codes begin with a small letter."""
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    code = code[:1].upper() + code[1:]
    told = answer.get("ResponseMetadata", {})
    status = int(told.get("HTTPStatusCode") or (code if code.isdigit() else 0))
    message = str(answer.get("Error", {}).get("Message", ""))[:300]
    kind = _BY_CODE.get(code) or _by_status(status)
    return AwsFailure(kind, f"{code or status}: {message}", aws_code=code, request_id=str(told.get("RequestId", "")))


def _by_status(status: int) -> AwsKind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return AwsKind.INVALID if 400 <= status < 500 else AwsKind.UNAVAILABLE
