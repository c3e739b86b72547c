"""Recorded touches with customers, ours and imported."""
