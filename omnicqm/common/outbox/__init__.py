"""What leaves for the data warehouse: noted in the transaction that made it, stored as files afterwards.

`services.outbox_add` notes a record; `batches` and `flush` carry records to a store, where each stands in one object.
"""
