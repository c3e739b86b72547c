"""The consultants' queue: what waits for people, in the order in which to work on it."""
