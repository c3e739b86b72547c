"""Queries handed to people: opened by the agent, worked on by consultants."""
