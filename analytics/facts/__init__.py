"""From the others' tables to facts, by SQL on whole sets of rows, a little at a time."""
