"""Deleting what we know of a customer, at their own wish: contents go, ids and measurements stay."""

from conversations.erasure.scope import ErasureScope
from conversations.erasure.services import customer_erase

__all__ = ["ErasureScope", "customer_erase"]
