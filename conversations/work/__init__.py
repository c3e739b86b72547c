"""Pending work: who may work on a conversation, and how its queries end."""
