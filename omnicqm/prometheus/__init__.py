"""Figures about the running system for Prometheus, at /metrics."""
