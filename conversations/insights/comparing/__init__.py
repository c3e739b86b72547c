"""Comparing models at summarising: the same histories, one model after the other, in numbers."""
