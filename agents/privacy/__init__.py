"""Personal data stays ours: models elsewhere and traces get tokens like ⟨EMAIL_1⟩, replies and tools the data again."""

from agents.privacy.finding import Personal, personal_find
from agents.privacy.model import PrivateModel
from agents.privacy.vault import Vault

__all__ = ["Personal", "PrivateModel", "Vault", "personal_find"]
