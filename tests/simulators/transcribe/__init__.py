"""A simulator of Amazon Transcribe: streams over websockets, and batch jobs that read and write a simulated S3.

It checks what a client sends as strictly as the documentation says, and hears whatever a test tells it to.
"""

from tests.simulators.transcribe.jobs import JobsSimulator
from tests.simulators.transcribe.script import Said
from tests.simulators.transcribe.streams import StreamsSimulator

__all__ = ["JobsSimulator", "Said", "StreamsSimulator"]
