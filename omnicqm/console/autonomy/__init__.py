"""Pages on which people decide how much the agent does alone."""
