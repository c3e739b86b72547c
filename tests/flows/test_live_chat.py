"""The live chat of a whole installation: never lost, never twice, whatever breaks underneath."""

import socket
import time
from collections.abc import Iterator

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.flows.chat_pages import Browser, Page
from tests.running import RunningSystem, running

pytestmark = pytest.mark.process

SAY = """
from conversations.models import Conversation, Channel, Message
from conversations.services.messages import message_append
for text in {texts}:
    message_append(conversation=Conversation.objects.get(pk={conversation!r}), direction="outbound",
                   author="consultant", channel=Channel.objects.get(pk="chat"), text=text)
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    with running(tmp_path_factory.mktemp("chat") / "var", OMNICQM_DEMO="0") as system:
        yield system


@pytest.fixture
def browser(system: RunningSystem) -> Browser:
    return Browser(system)


@pytest.fixture
def page(system: RunningSystem, browser: Browser) -> Iterator[Page]:
    """A page with a conversation that people have: the agent does not answer in between."""
    page = browser.page("new=1")
    page.say("I want to speak to a person", "c0")
    run(system, f'Conversation.objects.filter(pk="{page.conversation_id}").update(status="with_consultant")')
    page.listen(2)
    yield page
    page.close()


def run(system: RunningSystem, code: str) -> None:
    done = system.manage("shell", "-c", f"from conversations.models import *\n{code}")
    assert done.returncode == 0, done.stderr


def say(system: RunningSystem, page: Page, *texts: str) -> None:
    run(system, SAY.format(texts=list(texts), conversation=page.conversation_id))


def is_sound(page: Page) -> bool:
    return not page.gaps and not page.twice and len(set(page.texts)) == len(page.texts)


def web_log(system: RunningSystem) -> str:
    return system.log("web-1") + system.log("web-2")


def test_tabs_of_a_browser_are_in_step_whichever_process_serves_them(
    system: RunningSystem, browser: Browser, page: Page
) -> None:
    tabs = [browser.page() for _ in range(4)]
    for tab in tabs:
        tab.listen(10, kind="resumed")
    say(system, page, "From us to all of them")
    page.say("From one of them", "c1")
    for tab in [page, *tabs]:
        assert tab.listen(5, until="From one of them")
        assert tab.texts[-2:] == ["From us to all of them", "From one of them"]
        assert is_sound(tab)
        tab.close()


@pytest.mark.parametrize("part", ["valkey", "postgres", "web-1", "web-2"])
def test_what_is_said_while_a_part_dies_arrives_once_and_in_order(system: RunningSystem, page: Page, part: str) -> None:
    known, former = len(page.texts), system.kill(part)
    page.say("said in the middle of it", f"c-{part}", seconds=60)
    while system.children.get(part, former) == former:
        time.sleep(0.2)
    say(system, page, "and heard afterwards")
    assert page.listen(20, until="and heard afterwards")
    assert page.texts[known:] == ["said in the middle of it", "and heard afterwards"]
    assert is_sound(page)


def test_a_session_that_is_deleted_closes_its_pages_within_five_seconds(
    system: RunningSystem, browser: Browser, page: Page
) -> None:
    run(
        system,
        f"from django.contrib.sessions.models import Session\nSession.objects.get(pk={browser.session!r}).delete()",
    )
    began = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        page.listen(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    assert time.monotonic() - began < 5


def test_a_page_that_does_not_read_is_hung_up_on_and_disturbs_nobody(
    system: RunningSystem, browser: Browser, page: Page
) -> None:
    with socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", system.port))
        deaf = browser.connection(f"conversation={page.conversation_id}", sock=narrow, max_queue=1, ping_interval=None)
        deaf.recv(timeout=10)
        size = web_size(system)
        code = SAY.format(texts="[f'{n} ' + 'long ' * 10_000 for n in range(200)]", conversation=page.conversation_id)
        run(system, code)
        say(system, page, "short")
        assert page.listen(20, until="short")
        assert is_sound(page)
        assert web_size(system) - size < 60  # of 10 MB that were said, and again as often as somebody asks
        with pytest.raises((ConnectionClosed, OSError)):
            send_often(deaf, times=700, pause=0.1)  # a ping may be due in 20 s, and is waited for 30 s


def web_size(system: RunningSystem) -> float:
    return sum(psutil.Process(system.children[name]).memory_info().rss / 1e6 for name in ("web-1", "web-2"))


def send_often(connection: ClientConnection, *, times: int, pause: float = 0) -> None:
    for _ in range(times):
        connection.send('{"type": "typing"}')
        time.sleep(pause)


def flood(connection: ClientConnection) -> None:
    """Say more than anybody may, also after it was hung up on, and only then hear what came back."""
    send_often(connection, times=5_000)
    while True:
        connection.recv(timeout=10)


HUGE, RAW = "x" * 2_000_000, b"\x81\x84\x00\x00\x00\x00\xff\xfe\xfd\xfc"


def test_no_frame_leaves_a_traceback_in_the_log_of_the_server(system: RunningSystem, browser: Browser) -> None:
    before = web_log(system).count("Traceback")
    frames = [b"\x00\xff", "", "[" * 30_000, "null", '{"type": NaN}', '{"type": "message"}', "x" * 70_000, HUGE]
    for frame in frames:
        with browser.connection("new=1") as connection:
            connection.recv(timeout=10)
            try:
                connection.send(frame)
                assert '"error"' in str(connection.recv(timeout=10))
            except ConnectionClosed:
                assert frame == HUGE
    with browser.connection("new=1") as connection:
        connection.recv(timeout=10)
        connection.socket.sendall(RAW)  # text that is not UTF-8
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=10)
    with browser.connection("new=1") as connection:
        connection.recv(timeout=10)
        with pytest.raises(ConnectionClosed) as closed:
            flood(connection)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429
    assert web_log(system).count("Traceback") == before
