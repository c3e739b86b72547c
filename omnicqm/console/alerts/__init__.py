"""Alerts in the console: what is open, what was, the rules, who is told."""
