"""Pages of what is learnt from consultants: corrections, gaps, articles, examples for models."""
