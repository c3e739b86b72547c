"""The case page: where a consultant reads, understands and answers what was handed to people."""
