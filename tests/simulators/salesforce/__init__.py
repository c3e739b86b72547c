"""A simulator of the part of Salesforce that cases need: sign-in, upsert by external id, look-up of an account.

It speaks HTTP, so that simple-salesforce itself is tried against it.
"""

from tests.simulators.salesforce.org import Org, Refusal
from tests.simulators.salesforce.server import org_running

__all__ = ["Org", "Refusal", "org_running"]
