"""Blocking work of asynchronous code."""

from collections.abc import Awaitable, Callable

from channels.db import database_sync_to_async


def in_thread[**P, R](function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Run blocking work in the process's thread pool; connections do not wait for each other."""
    return database_sync_to_async(function, thread_sensitive=False)
