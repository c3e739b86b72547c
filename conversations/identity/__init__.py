"""Who a customer is: the ways they are known, how these are written, and when two customers turn out to be one."""

from conversations.identity.merging import customer_merge, customer_split, visitor_claim, visitor_join
from conversations.identity.normalise import identity_normalise
from conversations.identity.services import identity_attach, identity_resolve

__all__ = [
    "customer_merge",
    "customer_split",
    "identity_attach",
    "identity_normalise",
    "identity_resolve",
    "visitor_claim",
    "visitor_join",
]
