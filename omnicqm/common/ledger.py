"""How rows of the cost ledger are written: at once, and in no transaction of who caused the cost. That may be undone;
what was paid is paid all the same."""

from collections.abc import Sequence

from omnicqm.common.batching import Batches
from omnicqm.common.models import Attempt


def attempt_write(attempt: Attempt) -> Attempt:
    """Committed when it returns, together with those of other calls that end at the same moment."""
    return _writing.submit(attempt).result()


def _write_all(attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    if len(attempts) > 1:
        return Attempt.objects.bulk_create(attempts)
    attempts[0].save(force_insert=True)  # one statement, where the other makes a transaction of it
    return attempts


_writing = Batches[Attempt, Attempt]("ledger", _write_all)
