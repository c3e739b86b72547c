"""Follow-up tasks: promises of the agent that people keep."""
