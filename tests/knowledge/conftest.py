from collections.abc import Callable

import pytest

from knowledge.models import Audience, Document
from knowledge.services import upload_create, versions_sweep

Know = Callable[..., Document]


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def hand_in(db) -> Know:
    """Hands a text in without processing it: ``hand_in("It is $35.", title="Fees")``."""

    def hand_in(text: str | bytes, *, title="", external_id=None, internal=None, name="text.md") -> Document:
        audience = None if internal is None else Audience.INTERNAL if internal else Audience.CUSTOMER
        receipt = upload_create(
            data=text if isinstance(text, bytes) else text.encode(),
            name=name,
            source="test",
            actor="system:test",
            title=title,
            external_id=external_id,
            audience=audience,
        )
        return receipt.documents[0]

    return hand_in


@pytest.fixture
def know(hand_in) -> Know:
    """Hands a text in and processes what waits."""

    def know(*args, **options) -> Document:
        document = hand_in(*args, **options)
        versions_sweep()
        document.refresh_from_db()
        return document

    return know
