"""Amazon S3 and DynamoDB in tests: moto behind HTTP, with the failures a test asks for in front of it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Failure = Callable[[], Response]


def throttled() -> Response:
    """S3's own words when a prefix gets more requests than it takes."""
    body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
    return Response(body, status=503, content_type="application/xml")


def denied() -> Response:
    body = "<Error><Code>AccessDenied</Code><Message>Not authorized to perform: s3:PutObject</Message></Error>"
    return Response(body, status=403, content_type="application/xml")


class AwsServer:
    """What moto knows is kept from call to call until `reset`. `calls` are method and path of each request."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self._released = threading.Event()
        self._failure: Failure | None = None
        self.calls: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.calls.append((request.method, request.path))
        if self._failure is None:
            return self._moto(environ, start_response)
        request.get_data()
        return self._failure()(environ, start_response)

    def fail(self, failure: Failure) -> None:
        """Answer everything with `failure` until `recover`."""
        self._failure = failure

    def hang(self) -> None:
        """Say nothing to anybody until `recover`."""
        self._released.clear()
        self._failure = self._nothing

    def recover(self) -> None:
        self._failure = None
        self._released.set()

    def reset(self) -> None:
        self.recover()
        requests.post(f"{self.url}/moto-api/reset", timeout=10).raise_for_status()
        self.calls.clear()

    @contextmanager
    def serving(self) -> Iterator["AwsServer"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.recover()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _nothing(self) -> Response:
        self._released.wait(60)
        return throttled()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Nothing: a test tells what matters."""
