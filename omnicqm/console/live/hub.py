"""Looks after all console pages of a process, every two seconds and for all of them together.

Whose session ended, or who may not see escalations any more, hangs up; who says nothing for long is taken for gone; who
views what is exchanged with the other processes; and when something happened, everybody is told how many cases wait.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError

from conversations.chat.threads import in_thread
from conversations.escalations.selectors import escalations_counts
from omnicqm.common.errors import NotAuthenticated, OmniError, RateLimited, ServiceUnavailable
from omnicqm.common.logs import get_logger
from omnicqm.console.live.frames import Frame, counts_frame, presence_frame
from omnicqm.console.live.standing import Person, StandingCheck
from omnicqm.console.live.viewing import Present, Shared, Viewer, together

log = get_logger(__name__)

CHECK_SECONDS = 2.0
COUNT_SECONDS = 30.0  # what was due in an hour is overdue one day, without anything that happens
TYPING_SECONDS = 6.0  # a page that says so every three seconds may be late once
SILENT_SECONDS = 150.0  # a hidden page may speak once a minute only
MOST_PAGES = 2000
MOST_PAGES_OF_A_PERSON = 30
_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


class Page(Protocol):
    """`person` is None before it was let in and once it is refused; `name` is its own among all processes' pages."""

    name: str
    person: Person | None
    watching: str
    heard_at: float
    typed_at: float

    @property
    def session_key(self) -> str: ...

    async def refused(self, error: OmniError) -> None:
        """Say why and hang up."""

    async def told(self, frame: Frame) -> None:
        """Be sent a frame."""


class Hub:
    """The pages of one event loop."""

    def __init__(self) -> None:
        self._pages: set[Page] = set()
        self._people: Counter[int] = Counter()
        self._check = StandingCheck()
        self._shared = Shared()
        self._elsewhere: list[Viewer] = []
        self._viewing: dict[str, Present] = {}
        self._counted: dict[int, dict[str, int]] = {}
        self._count_at = 0.0
        self._running: asyncio.Task[None] | None = None
        self._refusing: set[asyncio.Task[None]] = set()

    @property
    def viewing(self) -> Mapping[str, Present]:
        """Who is there by escalation, of all processes, as last seen."""
        return self._viewing

    async def let_in(self, session_key: str) -> Person:
        """Whose session it is. Raises `NotAuthenticated` or `NotAllowed`."""
        standing = (await in_thread(StandingCheck())({session_key}))[session_key]
        if isinstance(standing, OmniError):
            raise standing
        return standing

    async def enter(self, page: Page, person: Person) -> Mapping[str, int]:
        """From now on it is looked after. Returns what waits; raises `RateLimited` and `ServiceUnavailable`."""
        if len(self._pages) >= MOST_PAGES:
            raise ServiceUnavailable("Too many pages of the console are open. Close some and try again.")
        if self._people[person.id] >= MOST_PAGES_OF_A_PERSON:
            raise RateLimited("You have too many pages of the console open. Close some of them.")
        page.person = person
        self._pages.add(page)
        self._people[person.id] += 1
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        counts = (await in_thread(escalations_counts)([person.id]))[person.id]
        self._counted[person.id] = counts
        return counts

    async def leave(self, page: Page) -> None:
        """Also for one that never entered."""
        if page not in self._pages:
            return
        self._pages.discard(page)
        if page.person is not None:
            self._people[page.person.id] -= 1
            self._people += Counter()  # forgets who has none left
        page.person = None
        if not self._pages and self._running is not None:
            self._running.cancel()
            self._running = None
            self._viewing, self._counted = {}, {}
            await in_thread(self._shared.exchange)({})
        else:
            await self.look_around()

    def happened(self) -> None:
        """Something did: how many wait is counted again at the next look, however much happens until then."""
        self._count_at = 0.0

    async def look_around(self) -> None:
        """Tell everybody who views what, and who is typing, where that has changed."""
        before, self._viewing = self._viewing, together([*self._mine().values(), *self._elsewhere])
        changed = {key for key in before.keys() | self._viewing.keys() if before.get(key) != self._viewing.get(key)}
        for escalation_id in sorted(changed):
            await self._tell_all(presence_frame(escalation_id, self._viewing.get(escalation_id, {})))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for part in (self._look_at_sessions, self._look_for_silent, self._look_elsewhere, self._count):
                try:
                    await part()
                except (DatabaseError, InterfaceError) as error:
                    log.warning("console_pages_not_checked", pages=len(self._pages), error=type(error).__name__)
                except Exception:
                    log.exception("console_pages_not_checked", pages=len(self._pages))

    async def _look_at_sessions(self) -> None:
        pages = list(self._pages)
        standings = await in_thread(self._check)({page.session_key for page in pages})
        for page in pages:
            standing = standings[page.session_key]
            if isinstance(standing, OmniError):
                self._refuse(page, standing)
            elif page.person is not None and standing.id != page.person.id:
                self._refuse(page, NotAuthenticated("Somebody else has signed in. Load the page again."))

    async def _look_for_silent(self) -> None:
        long_ago = time.monotonic() - SILENT_SECONDS
        for page in [page for page in self._pages if page.heard_at < long_ago]:
            self._refuse(page, ServiceUnavailable("Nothing was heard of this page. It connects again."))

    def _refuse(self, page: Page, error: OmniError) -> None:
        """In a task of its own: with the last page this hub's own one ends."""
        task = asyncio.create_task(page.refused(error))
        self._refusing.add(task)
        task.add_done_callback(self._refusing.discard)

    async def _look_elsewhere(self) -> None:
        self._elsewhere = await in_thread(self._shared.exchange)(self._mine())
        await self.look_around()

    def _mine(self) -> dict[str, Viewer]:
        """What this process's pages show, by the name of each."""
        typing_since = time.monotonic() - TYPING_SECONDS
        return {
            page.name: Viewer(page.watching, page.person, page.typed_at > typing_since)
            for page in self._pages
            if page.person and page.watching
        }

    async def _count(self) -> None:
        if time.monotonic() < self._count_at:
            return
        self._count_at = time.monotonic() + COUNT_SECONDS
        pages = [page for page in self._pages if page.person]
        counted = await in_thread(escalations_counts)({page.person.id for page in pages if page.person})
        before, self._counted = self._counted, counted
        for page in pages:
            person = page.person
            if person and person.id in counted and counted[person.id] != before.get(person.id):
                await page.told(counts_frame(counted[person.id]))

    async def _tell_all(self, frame: Frame) -> None:
        for page in list(self._pages):
            await page.told(frame)


def hub_get() -> Hub:
    """That of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
