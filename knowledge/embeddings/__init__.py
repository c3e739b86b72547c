"""Providers of embeddings, chosen by the setting EMBEDDINGS."""

from typing import cast

from django.conf import settings

from knowledge.embeddings.base import Embedder, Vectors
from omnicqm.common.backends import backend_get

__all__ = ["Embedder", "Vectors", "embedder_get"]


def embedder_get() -> Embedder:
    """The embedder that settings name, one per process; it loads its model when first used."""
    return cast(Embedder, backend_get("EMBEDDERS", settings.EMBEDDINGS))
