"""get_customer_profile: who the customer is to the company."""

from typing import Any

from django.conf import settings

from agents.types import Tool
from conversations.answering.tools.scene import NO_ARGUMENTS, ToolScene
from conversations.models import Customer


def profile_tool(scene: ToolScene) -> Tool:
    return Tool(
        name="get_customer_profile",
        description="The customer's name, service level, language and what the company's records say about them.",
        schema=NO_ARGUMENTS,
        call=lambda: profile_show(scene.customer),
        needs_verified=True,
    )


def profile_show(customer: Customer) -> dict[str, Any]:
    """What the agent may know of a customer: of the company's records only the fields that settings allow."""
    allowed = {_plain(name) for name in settings.AGENT_PROFILE_FIELDS}
    return {
        "name": customer.display_name,
        "service_level": customer.service_level,
        "language": customer.language,
        "records": {name: value for name, value in customer.profile.items() if _plain(name) in allowed},
    }


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
