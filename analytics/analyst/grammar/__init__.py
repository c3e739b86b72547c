"""The embedded reader of questions: a grammar over the catalogue. What it does not know it says so."""
