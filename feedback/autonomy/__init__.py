"""How much the agent may do alone: compared in the shadow, watched by breakers."""
