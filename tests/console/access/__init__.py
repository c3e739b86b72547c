"""The access matrix: every door of the product × every role, held to the reviewed table beside this.

Doors are generated from the routes, the product's tables of what pages do, the actions of lists and the websockets; a
row of every model is there to be opened. After adding one run
``python -m tests.console.access --write`` and review what changed in ``matrix.csv``.
"""
