"""Recorded touches with customers: where they come from, and how a history is read."""
