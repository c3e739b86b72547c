"""Carrying replies, and the news of a query's end, out."""
