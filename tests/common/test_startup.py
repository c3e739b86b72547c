"""What a process loaded at its start costs nothing later."""

import gc

from omnicqm.common.startup import loaded_keep


def test_the_collector_leaves_alone_what_was_loaded() -> None:
    loaded_before = [[] for _ in range(1000)]
    try:
        loaded_keep()
        assert gc.get_freeze_count() >= len(loaded_before)
        assert not any(tracked is loaded_before for tracked in gc.get_objects())
    finally:
        gc.unfreeze()
