"""The run explorer: runs found, one run as a timeline, a run done again, and what was different."""
