"""Jobs: a recording is put into a bucket, Transcribe writes the text beside it, and both are removed.

The name of a job says whose it is, so that beginning twice begins once.
"""

import io
import time
import wave
from collections.abc import Callable
from functools import partial
from typing import Any

from conversations.speech.errors import SpeechBusy, SpeechUnavailable
from conversations.speech.types import RATE
from omnicqm.common.aws import AwsFailure, AwsKind, aws_call, aws_client
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

PREFIX = "omnicqm-speech/"
CALL_SECONDS = 10.0
PUT_SECONDS = 60.0
MOST_RESULT_BYTES = 20 * 2**20
_DONE, _FAILED = "COMPLETED", "FAILED"


class Jobs:
    """`languages` are codes of Transcribe; of several it finds out which one is spoken."""

    def __init__(self, *, bucket: str, kms_key: str, languages: tuple[str, ...]) -> None:
        self._bucket, self._kms_key, self._languages = bucket, kms_key, languages

    def begin(self, *, name: str, pcm: bytes, language: str) -> None:
        """Raises `SpeechBusy` beyond the account's quota and `SpeechUnavailable`."""
        self._put(_recording_key(name), _wav(pcm))
        wanted = {
            "TranscriptionJobName": _job_name(name),
            "Media": {"MediaFileUri": f"s3://{self._bucket}/{_recording_key(name)}"},
            "MediaFormat": "wav",
            "MediaSampleRateHertz": RATE,
            "OutputBucketName": self._bucket,
            "OutputKey": _text_key(name),
            **self._language(language),
            **({"OutputEncryptionKMSKeyId": self._kms_key} if self._kms_key else {}),
        }
        try:
            _asked(lambda: aws_client("transcribe").start_transcription_job(**wanted))
        except AwsFailure as failure:
            if failure.aws_code != "ConflictException":  # which says that it was begun before
                raise _unavailable(failure) from failure

    def text(self, *, name: str) -> bytes | None:
        """The file that the job wrote; None while it works. Raises `SpeechUnavailable`."""
        client = aws_client("transcribe")
        try:
            answer = _asked(lambda: client.get_transcription_job(TranscriptionJobName=_job_name(name)))
            # Right after the start some answers have no status yet.
            status = answer["TranscriptionJob"].get("TranscriptionJobStatus", "")
            if status == _FAILED:
                raise SpeechUnavailable("job_failed")
            return self._read(_text_key(name)) if status == _DONE else None
        except AwsFailure as failure:
            raise _unavailable(failure) from failure

    def forget(self, *, name: str) -> None:
        """Remove the recording, the text and the job, as far as they are there. Raises `SpeechUnavailable`."""
        client = aws_client("s3")
        try:
            for key in (_recording_key(name), _text_key(name)):
                _asked(partial(client.delete_object, Bucket=self._bucket, Key=key))
            self._job_delete(name)
        except AwsFailure as failure:
            raise _unavailable(failure) from failure

    def _job_delete(self, name: str) -> None:
        client = aws_client("transcribe")
        try:
            _asked(lambda: client.delete_transcription_job(TranscriptionJobName=_job_name(name)))
        except AwsFailure as failure:
            # Of a job that is not there Transcribe says either.
            if failure.aws_code not in ("NotFoundException", "BadRequestException"):
                raise

    def _put(self, key: str, data: bytes) -> None:
        encryption = {"ServerSideEncryption": "AES256"}
        if self._kms_key:
            encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._kms_key}
        client = aws_client("s3")
        try:
            _asked(lambda: client.put_object(Bucket=self._bucket, Key=key, Body=data, **encryption), PUT_SECONDS)
        except AwsFailure as failure:
            raise _unavailable(failure) from failure

    def _read(self, key: str) -> bytes:
        client = aws_client("s3")
        return _asked(
            lambda: client.get_object(Bucket=self._bucket, Key=key)["Body"].read(MOST_RESULT_BYTES), PUT_SECONDS
        )

    def _language(self, language: str) -> dict[str, Any]:
        if language:
            return {"LanguageCode": language}
        return {"IdentifyLanguage": True, "LanguageOptions": list(self._languages)}


def _asked[T](work: Callable[[], T], seconds: float = CALL_SECONDS) -> T:
    return aws_call(work, deadline=time.monotonic() + seconds)


def _unavailable(failure: AwsFailure) -> SpeechBusy | SpeechUnavailable:
    log.warning("transcribe_call_failed", kind=failure.kind, code=failure.aws_code)
    if failure.kind in (AwsKind.QUOTA, AwsKind.THROTTLED):
        return SpeechBusy()
    return SpeechUnavailable(failure.aws_code or failure.kind)


def _job_name(name: str) -> str:
    return f"omnicqm-{name}"


def _recording_key(name: str) -> str:
    return f"{PREFIX}{name}.wav"


def _text_key(name: str) -> str:
    return f"{PREFIX}{name}.json"


def _wav(pcm: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return file.getvalue()
