"""What consultants write makes the machine better: corrections, articles, gaps, examples for models."""
