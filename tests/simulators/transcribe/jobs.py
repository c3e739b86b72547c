"""Batch jobs: JSON 1.1 over HTTP. It reads the recording from S3 and writes the text there, as the service does."""

import io
import json
import re
import threading
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.simulators.transcribe.script import Said

_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_URI = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")


class Refusal(Exception):
    def __init__(self, name: str, message: str = "Words of the service.") -> None:
        super().__init__(message)
        self.name = name


@dataclass
class Job:
    wanted: dict[str, Any]
    looks: int = 0


@dataclass
class JobsSimulator:
    """A job is IN_PROGRESS for `looks` looks and then COMPLETED with `said`, or FAILED with `fails`.

    `refuse` is a name of an exception that everything is answered with. `s3` makes a client of the simulated S3.
    """

    s3: Callable[[], Any]
    said: Said = field(default_factory=lambda: Said.of("hello"))
    looks: int = 1
    fails: bool = False
    refuse: str = ""
    jobs: dict[str, Job] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    url: str = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            answer = self._answer(request)
        except Refusal as refusal:
            body = json.dumps({"__type": refusal.name, "Message": str(refusal)})
            return Response(body, status=400, content_type="application/x-amz-json-1.1")(environ, start_response)
        except Exception as error:
            self.failures.append(error)
            return Response("{}", status=500)(environ, start_response)
        body = json.dumps(answer)
        return Response(body, content_type="application/x-amz-json-1.1")(environ, start_response)

    @contextmanager
    def serving(self) -> Iterator["JobsSimulator"]:
        server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _answer(self, request: Request) -> dict[str, Any]:
        assert "smithy-protocol" not in request.headers, "another protocol than JSON 1.1"
        assert "/transcribe/aws4_request" in request.headers.get("Authorization", ""), "not signed"
        operation = request.headers["X-Amz-Target"].removeprefix("Transcribe.")
        self.calls.append(operation)
        if self.refuse:
            raise Refusal(self.refuse)
        fields = json.loads(request.get_data())
        match operation:
            case "StartTranscriptionJob":
                return self._start(fields)
            case "GetTranscriptionJob":
                return self._get(fields["TranscriptionJobName"])
            case "DeleteTranscriptionJob":
                self._find(fields["TranscriptionJobName"])
                del self.jobs[fields["TranscriptionJobName"]]
                return {}
        raise AssertionError(f"{operation} is not simulated")

    def _start(self, fields: dict[str, Any]) -> dict[str, Any]:
        name = fields["TranscriptionJobName"]
        if not _NAME.fullmatch(name):
            raise Refusal("BadRequestException")
        if name in self.jobs:
            raise Refusal("ConflictException")
        assert ("LanguageCode" in fields) != bool(fields.get("IdentifyLanguage")), "one of the two"
        self._recording_check(fields)
        self.jobs[name] = Job(fields)
        return {"TranscriptionJob": {"TranscriptionJobName": name}}  # without a status, as right after a start

    def _recording_check(self, fields: dict[str, Any]) -> None:
        place = _URI.fullmatch(fields["Media"]["MediaFileUri"])
        assert place, "no S3 address"
        data = self.s3().get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read()
        with wave.open(io.BytesIO(data)) as recording:
            assert recording.getframerate() == fields["MediaSampleRateHertz"]
            assert (recording.getnchannels(), recording.getsampwidth()) == (1, 2)
        assert fields["MediaFormat"] == "wav"

    def _get(self, name: str) -> dict[str, Any]:
        job = self._find(name)
        job.looks += 1
        told: dict[str, Any] = {"TranscriptionJobName": name, "TranscriptionJobStatus": "IN_PROGRESS"}
        if job.looks > self.looks:
            told["TranscriptionJobStatus"] = "FAILED" if self.fails else "COMPLETED"
            if not self.fails:
                told["Transcript"] = {"TranscriptFileUri": self._write(name, job)}
        return {"TranscriptionJob": told}

    def _write(self, name: str, job: Job) -> str:
        bucket, key = job.wanted["OutputBucketName"], job.wanted["OutputKey"]
        self.s3().put_object(Bucket=bucket, Key=key, Body=json.dumps(self.said.file(name)).encode())
        return f"https://s3.eu-central-1.amazonaws.com/{bucket}/{key}"

    def _find(self, name: str) -> Job:
        if name not in self.jobs:
            raise Refusal("BadRequestException", "The requested job couldn't be found.")
        return self.jobs[name]


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Nothing: a test tells what matters."""
