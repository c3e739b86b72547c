"""Calls to AWS: who waits leaves on time, what is abandoned ends, and every failure has one meaning."""

import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore import exceptions

from omnicqm.common.aws import (
    AwsFailure,
    AwsKind,
    aws_call,
    aws_client,
    aws_credentials_source,
    aws_failure,
    aws_region,
    aws_stream,
)
from omnicqm.common.aws.calls import POOLS
from omnicqm.common.errors import ConfigurationError
from omnicqm.common.hanging import hanging_alone
from tests.simulators.bedrock import ConnectionClosed, Drip, Hang, Reply, Throttle

MODEL = "eu.amazon.nova-2-lite-v1:0"
QUESTION = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


def converse():
    return aws_client("bedrock-runtime").converse(**QUESTION)


def events():
    return aws_client("bedrock-runtime").converse_stream(**QUESTION)["stream"]


def soon() -> float:
    return time.monotonic() + 0.2


def calls_under_way() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "aws-call"]


@pytest.fixture(autouse=True)
def nothing_stays_behind():
    yield
    for thread in calls_under_way():
        thread.join(5)
    assert calls_under_way() == []


class TestClients:
    def test_there_is_one_client_for_a_service(self, bedrock):
        assert aws_client("bedrock-runtime") is aws_client("bedrock-runtime")

    def test_another_environment_gets_another_one(self, bedrock, monkeypatch):
        before = aws_client("bedrock-runtime")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        assert aws_client("bedrock-runtime") is not before
        assert aws_region() == "eu-west-1"

    @pytest.mark.parametrize(
        ("newer", "older", "region"),
        [("eu-west-1", None, "eu-west-1"), (None, "eu-west-2", "eu-west-2"), ("eu-west-1", "eu-west-2", "eu-west-1")],
    )
    def test_either_of_the_two_variables_names_the_region(self, bedrock, monkeypatch, newer, older, region):
        for name, value in {"AWS_REGION": newer, "AWS_DEFAULT_REGION": older}.items():
            monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
        assert aws_region() == aws_client("bedrock-runtime").meta.region_name == region

    @pytest.mark.parametrize("ask", [lambda: aws_client("bedrock-runtime"), aws_region])
    def test_without_a_region_the_variable_is_named(self, bedrock, monkeypatch, ask):
        monkeypatch.delenv("AWS_REGION")
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        with pytest.raises(ConfigurationError, match="AWS_REGION is not set"):
            ask()

    def test_without_credentials_the_call_says_so(self, bedrock, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(AwsFailure, match="Set AWS_ACCESS_KEY_ID") as caught:
            aws_call(converse, deadline=time.monotonic() + 60)
        assert caught.value.kind is AwsKind.DENIED
        with pytest.raises(ConfigurationError, match="Set AWS_ACCESS_KEY_ID"):
            aws_credentials_source()

    def test_credentials_tell_where_they_come_from(self, bedrock):
        assert aws_credentials_source() == "env"

    def test_calls_through_a_proxy_can_be_cut_too(self, bedrock):
        manager = aws_client("bedrock-runtime")._endpoint.http_session._get_proxy_manager("http://proxy.example:3128")
        assert manager.pool_classes_by_scheme == POOLS


class TestCalls:
    def test_a_call_brings_its_result(self, bedrock):
        bedrock.script(MODEL, [Reply("Good morning.")])
        answer = aws_call(converse, deadline=time.monotonic() + 60)
        assert answer["output"]["message"]["content"] == [{"text": "Good morning."}]

    def test_a_stream_brings_each_event_when_it_is_there(self, bedrock):
        bedrock.script(MODEL, [Reply("Good morning.")])
        names = [next(iter(event)) for event in aws_stream(events, deadline=time.monotonic() + 60)]
        assert (names[0], names[-1]) == ("messageStart", "metadata")

    def test_a_call_that_ended_cuts_no_connection_of_another(self, bedrock):
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda _: aws_call(converse, deadline=soon() + 20), range(160)))
        assert {answer["stopReason"] for answer in answers} == {"end_turn"}

    def test_no_call_is_repeated(self, bedrock):
        bedrock.always(MODEL, Throttle())
        with pytest.raises(AwsFailure) as caught:
            aws_call(converse, deadline=time.monotonic() + 60)
        assert (caught.value.kind, caught.value.transient, len(bedrock.calls)) == (AwsKind.THROTTLED, True, 1)

    @pytest.mark.parametrize("item", [Hang(60), Drip(0.02)], ids=["silent", "dripping"])
    def test_an_abandoned_call_ends(self, bedrock, item):
        bedrock.always(MODEL, item)
        with pytest.raises(AwsFailure) as caught:
            aws_call(converse, deadline=soon())
        assert caught.value.kind is AwsKind.TIMEOUT

    @pytest.mark.parametrize("item", [Hang(60), Drip(0.02)], ids=["silent", "dripping"])
    def test_an_abandoned_stream_ends(self, bedrock, item):
        bedrock.always(MODEL, item)
        with pytest.raises(AwsFailure) as caught:
            list(aws_stream(events, deadline=soon()))
        assert caught.value.kind is AwsKind.TIMEOUT

    def test_a_stream_that_nobody_reads_on_ends(self, bedrock):
        bedrock.always(MODEL, Drip(0.02, size=60))
        stream = aws_stream(events, deadline=time.monotonic() + 60)
        next(stream)
        stream.close()

    def test_a_thousand_abandoned_calls_leave_nothing(self, bedrock):
        bedrock.always(MODEL, Hang(60))

        def abandoned(_: int) -> AwsKind:
            with pytest.raises(AwsFailure) as caught:
                aws_call(converse, deadline=soon())
            return caught.value.kind

        with ThreadPoolExecutor(20) as threads:  # more would be shed where each ends late
            kinds = set(threads.map(abandoned, range(1000)))
        assert kinds == {AwsKind.TIMEOUT}
        assert len(bedrock.calls) > 0

    def test_nothing_is_sent_when_nobody_waits_any_more(self, bedrock):
        gone = threading.Event()

        def late():
            gone.wait(60)
            return [converse()]

        stream = aws_stream(late, deadline=time.monotonic() + 0.01)
        with pytest.raises(AwsFailure):
            next(stream)
        gone.set()
        for thread in calls_under_way():
            thread.join(60)
        assert bedrock.calls == []

    def test_too_many_calls_at_once_are_refused_at_once(self, bedrock, monkeypatch):
        monkeypatch.setattr("omnicqm.common.aws.calls._slots", threading.BoundedSemaphore(1))
        bedrock.always(MODEL, Drip(0.02, size=60))
        under_way = aws_stream(events, deadline=time.monotonic() + 60)
        next(under_way)
        with pytest.raises(AwsFailure, match="under way"):
            aws_call(converse, deadline=time.monotonic() + 60)
        under_way.close()


class TestCallsInAThreadThatMayHang:
    """They need no thread of their own, and end at their deadline all the same."""

    @pytest.fixture(autouse=True)
    def here(self):
        with hanging_alone():
            yield
            assert calls_under_way() == []

    def test_a_call_brings_its_result_and_cuts_no_connection_of_another(self, bedrock):
        def here(_: int) -> str:
            with hanging_alone():
                return aws_call(converse, deadline=soon() + 20)["stopReason"]

        with ThreadPoolExecutor(16) as threads:
            assert set(threads.map(here, range(160))) == {"end_turn"}

    @pytest.mark.parametrize("item", [Hang(60), Drip(0.02)], ids=["silent", "dripping"])
    @pytest.mark.parametrize("ask", [lambda: [converse()], events], ids=["call", "stream"])
    def test_it_ends_at_its_deadline(self, bedrock, item, ask):
        bedrock.always(MODEL, item)
        with pytest.raises(AwsFailure) as caught:
            list(aws_stream(ask, deadline=soon()))
        assert caught.value.kind is AwsKind.TIMEOUT

    def test_a_stream_that_nobody_reads_on_ends(self, bedrock):
        bedrock.always(MODEL, Drip(0.02, size=60))
        stream = aws_stream(events, deadline=time.monotonic() + 60)
        next(stream)
        stream.close()


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            ("ThrottlingException", 429, AwsKind.THROTTLED),
            ("throttlingException", 200, AwsKind.THROTTLED),
            ("SlowDown", 503, AwsKind.THROTTLED),
            ("429", 429, AwsKind.THROTTLED),
            ("AccessDeniedException", 403, AwsKind.DENIED),
            ("ExpiredTokenException", 403, AwsKind.DENIED),
            ("NoSuchKey", 404, AwsKind.NOT_FOUND),
            ("ValidationException", 400, AwsKind.INVALID),
            ("ServiceQuotaExceededException", 400, AwsKind.QUOTA),
            ("SomethingNew", 500, AwsKind.UNAVAILABLE),
            ("SomethingNew", 400, AwsKind.INVALID),
        ],
    )
    def test_a_service_error_goes_by_its_code_then_by_its_status(self, code, status, kind):
        answer = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}
        assert aws_failure(exceptions.ClientError(answer, "Converse")).kind is kind

    @pytest.mark.parametrize("code", ["ValidationException", "InternalServerException", "ThrottlingException"])
    def test_what_may_quote_the_customer_is_in_no_message_and_no_traceback(self, code):
        answer = {"Error": {"Code": code, "Message": "Value 'my card 4111' is not allowed."}}

        def refused():
            raise exceptions.ClientError(answer, "Converse")

        with pytest.raises(AwsFailure) as caught:
            aws_call(refused, deadline=time.monotonic() + 60)
        assert "4111" in caught.value.told
        assert "4111" not in "".join(traceback.format_exception(caught.value))
        assert code in caught.value.message

    def test_what_is_about_the_account_is_said(self):
        answer = {"Error": {"Code": "AccessDeniedException", "Message": "Not authorized: bedrock:InvokeModel"}}
        assert "bedrock:InvokeModel" in aws_failure(exceptions.ClientError(answer, "Converse")).message

    def test_wrong_parameters_are_no_fault_of_the_service(self):
        failure = aws_failure(exceptions.ParamValidationError(report="messages: required"))
        assert (failure.kind, failure.transient) == (AwsKind.INVALID, False)

    def test_a_closed_connection_may_be_tried_again(self, bedrock):
        bedrock.script(MODEL, [ConnectionClosed()])
        with pytest.raises(AwsFailure) as caught:
            aws_call(converse, deadline=time.monotonic() + 60)
        assert (caught.value.kind, caught.value.transient) == (AwsKind.UNAVAILABLE, True)

    def test_an_error_that_has_nothing_to_do_with_aws_stays_what_it_is(self):
        with pytest.raises(ZeroDivisionError):
            aws_call(lambda: 1 / 0, deadline=time.monotonic() + 60)
