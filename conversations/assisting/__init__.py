"""What consultants are helped with while they answer: briefs, suggestions, notes to colleagues."""
