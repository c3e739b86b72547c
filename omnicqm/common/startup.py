"""What a process does once it has loaded what it works with."""

import gc


def loaded_keep() -> None:
    """Take what is loaded by now out of the garbage collector's sight: it stays for good.

    A full collection would walk through all of it time and again, 0.1 s for 240,000 objects, and no thread goes on
    meanwhile.
    """
    gc.collect()
    gc.freeze()
