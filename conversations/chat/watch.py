"""Looks after all chat pages of a process: what the broker did not tell them is found in the database.

Every two seconds, for all pages together: whose session has ended hangs up, and who lags behind is sent the rest. So a
page is right within seconds even when every hint was lost, at the cost of four queries and not of four for each page.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import DatabaseError, InterfaceError

from conversations.chat.standing import Checked, Standing, StandingCheck
from conversations.chat.threads import in_thread
from conversations.errors import ConversationNotFound
from omnicqm.common.errors import NotAuthenticated, OmniError, RateLimited, ServiceUnavailable
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

CHECK_SECONDS = 2.0
MOST_PAGES = 5000
MOST_PAGES_OF_A_BROWSER = 20
_watches: "WeakKeyDictionary[asyncio.AbstractEventLoop, Watch]" = WeakKeyDictionary()


class Page(Protocol):
    """`seq` is the newest message it has been sent; `standing` is None before it was let in and once it is refused."""

    seq: int

    @property
    def standing(self) -> Standing | None: ...

    async def refused(self, error: OmniError) -> None:
        """Say why and hang up."""

    async def behind(self, newest: int) -> None:
        """Be sent what came up to the number `newest`."""


class Watch:
    """The pages of one event loop."""

    def __init__(self) -> None:
        self._pages: dict[Page, str] = {}
        self._browsers: Counter[str] = Counter()
        self._check = StandingCheck()
        self._newest: Mapping[str, int] = {}
        self._running: asyncio.Task[None] | None = None
        self._tending: dict[Page, asyncio.Task[None]] = {}

    def enter(self, page: Page, visitor: str) -> None:
        """Raises `RateLimited` for one page too many of a browser, `ServiceUnavailable` for one too many of all."""
        if len(self._pages) >= MOST_PAGES:
            raise ServiceUnavailable("Too many chats are open at the moment. Try again in a minute.")
        if self._browsers[visitor] >= MOST_PAGES_OF_A_BROWSER:
            raise RateLimited("You have this chat open too many times. Close some of its pages.")
        self._pages[page] = visitor
        self._browsers[visitor] += 1
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    def leave(self, page: Page) -> None:
        """Also for one that never entered."""
        visitor = self._pages.pop(page, None)
        if visitor is not None:
            self._browsers[visitor] -= 1
            if not self._browsers[visitor]:
                del self._browsers[visitor]
        if (tending := self._tending.pop(page, None)) is not None:
            tending.cancel()
        if not self._pages and self._running is not None:
            self._running.cancel()
            self._running = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._look()
            except (DatabaseError, InterfaceError) as error:
                log.warning("chat_pages_not_checked", pages=len(self._pages), error=type(error).__name__)
            except Exception:
                log.exception("chat_pages_not_checked", pages=len(self._pages))

    async def _look(self) -> None:
        standings = {page: page.standing for page in self._pages}
        checked = await in_thread(self._check)({standing for standing in standings.values() if standing})
        before, self._newest = self._newest, checked.newest
        for page, standing in standings.items():
            if standing is not None and page.standing == standing and page not in self._tending:
                self._tend(page, standing, checked, before.get(standing.conversation_id, 0))

    def _tend(self, page: Page, standing: Standing, checked: Checked, newest_before: int) -> None:
        """`newest_before` is of the look before this one: what came since may still be on its way."""
        if standing in checked.signed_out:
            work = page.refused(NotAuthenticated("You have signed in or out. The page loads again."))
        elif standing in checked.not_theirs:
            work = page.refused(ConversationNotFound("This conversation is not yours any more."))
        elif page.seq < newest_before:
            work = page.behind(newest_before)
        else:
            return
        self._tending[page] = task = asyncio.create_task(work)  # the others do not wait for a slow one
        task.add_done_callback(lambda _: self._tending.pop(page, None))


def watch_get() -> Watch:
    """That of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())
