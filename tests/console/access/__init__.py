"""The access matrix: every door of the product × every role, held to the reviewed table beside this.

Doors are generated from the routes, the actions of lists and the websockets. After adding one run
``python -m tests.console.access --write`` and review what changed in ``matrix.csv``.
"""
