"""Models on Amazon Bedrock, by Converse and ConverseStream."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from agents.errors import InvalidModelOutput, ModelError
from agents.providers.base import Capabilities, Charge, ModelProvider, ModelReply, ModelRequest, StopReason
from agents.providers.bedrock.failures import model_error
from agents.providers.bedrock.models import model_facts, model_id_resolve, tier_factor
from agents.providers.bedrock.replies import Answer, StreamReader, answer_read, usage_read
from agents.providers.bedrock.requests import converse_arguments
from omnicqm.common.aws import AwsFailure, aws_call, aws_client, aws_region, aws_stream

SERVICE = "bedrock-runtime"


class BedrockProvider(ModelProvider):
    """One model on Bedrock, safe to share between threads.

    `alias` is its name in the ledger. `model_id` may leave the geography of its inference profile to the region that
    AWS's variables name. `tier` is the service tier. A schema is asked for by a forced tool, because a new one takes
    the service minutes to compile on first use; `native_output` asks for it as such where the model can.
    """

    def __init__(self, *, alias: str, model_id: str, tier: str = "default", native_output: bool = False) -> None:
        self.name = alias
        self.model = model_id_resolve(model_id, aws_region())
        self._facts, self._tier, self._factor = model_facts(self.model), tier, tier_factor(tier)
        self.remarks = self._facts.remarks
        self._native_output = native_output and self._facts.native_output
        self.capabilities = Capabilities(
            tools=self._facts.tools,
            structured_output=self._facts.native_output,
            streaming=True,
            cache_points=self._facts.cache_points,
        )

    def prepare(self) -> None:
        """Build the client, which reads the service's model (about 60 ms)."""
        aws_client(SERVICE)

    def converse(self, request: ModelRequest) -> ModelReply:
        arguments = self._arguments(request)
        try:
            response = aws_call(lambda: aws_client(SERVICE).converse(**arguments), deadline=request.deadline)
        except AwsFailure as failure:
            raise model_error(failure) from failure
        with self._charging(lambda: response["usage"]):
            return self._reply(request, answer_read(response, max_tokens=request.max_tokens))

    def converse_stream(self, request: ModelRequest, on_text: Callable[[str], None]) -> ModelReply:
        arguments, started = self._arguments(request), time.monotonic()
        reader, first_byte_ms = StreamReader(on_text, request.max_tokens), None
        with closing(aws_stream(lambda: _events(arguments), deadline=request.deadline)) as events:
            try:
                for event in events:
                    first_byte_ms = first_byte_ms or round((time.monotonic() - started) * 1000)
                    reader.read(event)
            except AwsFailure as failure:
                raise model_error(failure) from failure
        with self._charging(lambda: reader.usage):
            return self._reply(request, reader.answer(), first_byte_ms)

    @contextmanager
    def _charging(self, usage: Callable[[], Any]) -> Iterator[None]:
        """An answer that cannot be used is billed all the same: its error tells what it cost, if that can be read."""
        try:
            yield
        except ModelError as error:
            with suppress(InvalidModelOutput, KeyError, TypeError, AttributeError):
                used = usage_read(usage(), self._facts.prices, self._factor)
                error.charge = Charge(used, self._tier, self._facts.prices.version)
            raise

    def _arguments(self, request: ModelRequest) -> dict[str, Any]:
        return converse_arguments(request, self._facts, native_output=self._native_output, tier=self._tier)

    def _reply(self, request: ModelRequest, answer: Answer, first_byte_ms: int | None = None) -> ModelReply:
        forced = None if self._native_output else request.output
        message, stop_reason = answer.message(forced)
        if not message.content and stop_reason is not StopReason.REFUSED:
            raise InvalidModelOutput("The answer is empty.")
        return ModelReply(
            message=message,
            stop_reason=stop_reason,
            usage=usage_read(answer.usage, self._facts.prices, self._factor),
            model=self.model,
            provider=self.name,
            first_byte_ms=first_byte_ms,
            tier=self._tier,
            price_version=self._facts.prices.version,
        )


def _events(arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    stream = aws_client(SERVICE).converse_stream(**arguments)["stream"]
    with closing(stream):
        yield from stream
