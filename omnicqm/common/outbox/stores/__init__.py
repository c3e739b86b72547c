"""Where objects are kept: a folder of this machine, or a bucket of Amazon S3."""

from typing import Protocol, cast

from django.conf import settings

from omnicqm.common.backends import backend_get


class ObjectStore(Protocol):
    """Keeps objects by their keys."""

    place: str
    """For people: ``s3://bucket`` or a folder."""

    def put(self, key: str, body: bytes, *, deadline: float) -> None:
        """Keep `body` as the object `key`, whole or not at all, in place of what was there.

        `deadline` is a `time.monotonic()` instant; whatever the other side does, the call ends by then. Raises
        `OmniError`.
        """


def store_get() -> ObjectStore:
    """The one that OMNICQM_FILES chooses. Raises `ConfigurationError`."""
    return cast(ObjectStore, backend_get("OBJECT_STORES", settings.FILES))
