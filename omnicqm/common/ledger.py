"""How rows of the cost ledger are written: at once, and in no transaction of who caused the cost. That may be undone;
what was paid is paid all the same."""

from omnicqm.common.batching import Batches
from omnicqm.common.models import Attempt


def attempt_write(attempt: Attempt) -> Attempt:
    """Committed when it returns, together with those of other calls that end at the same moment."""
    return _writing.submit(attempt).result()


_writing = Batches[Attempt, Attempt]("ledger", Attempt.objects.bulk_create)
