"""The knowledge base in the console: what is known, what is being read, what failed."""

from knowledge.admin.documents import DocumentAdmin

__all__ = ["DocumentAdmin"]
