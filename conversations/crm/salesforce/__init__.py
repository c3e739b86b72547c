"""Salesforce as the CRM: how it is set up, how it is reached, what its answers mean."""

from conversations.crm.salesforce.options import SalesforceOptions, salesforce_options
from conversations.crm.salesforce.putting import Sent, salesforce_put

__all__ = ["SalesforceOptions", "Sent", "salesforce_options", "salesforce_put"]
