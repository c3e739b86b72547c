"""Alerts: what is watched, when it is bad, and who is told."""
