"""How people's work is organised: hours, targets, teams, routing, macros and guides."""
