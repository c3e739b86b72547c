"""REST: documents in and out, and search."""
