"""Traces of runs in MLflow, written from our own records after a run has ended.

`noting` marks a trace as due, in the transaction that ends the run. The side worker does the rest: `spans` makes a
trace of the rows, `hiding` takes out what may still be personal, `store` speaks to MLflow, `exporting` decides what is
written when, `bounds` what is dropped, deleted or was forgotten.
"""
