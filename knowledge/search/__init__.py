"""Hybrid search: a dense and a lexical arm find candidates, their scores are fused."""
