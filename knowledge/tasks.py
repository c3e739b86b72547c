"""Doors of the worker."""

from dataclasses import asdict
from typing import Any, Literal

from celery import shared_task

from knowledge import selectors, services


@shared_task(name="knowledge.version_process")
def version_process(version_id: str) -> None:
    """Process a version, then what else waits: an upload of many documents wakes only a few tasks."""
    services.version_process(version_id=version_id)
    services.versions_sweep()


@shared_task(name="knowledge.versions_sweep")
def versions_sweep() -> None:
    services.versions_sweep()
    services.chunks_reembed()


@shared_task(name="knowledge.search", ignore_result=False)
def search(
    query: str, limit: int, audience: Literal["customer", "internal"], min_relevance: float = 0.0
) -> list[dict[str, Any]]:
    """`knowledge_search` for processes that load no model."""
    found = selectors.knowledge_search(query=query, limit=limit, audience=audience, min_relevance=min_relevance)
    return [asdict(passage) for passage in found]
