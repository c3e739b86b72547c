"""How a customer, and what they are known by, is shown in a line."""

from django.contrib.auth.models import AbstractUser
from django.utils.html import format_html
from django.utils.safestring import SafeString

from conversations.models import Customer, Identity


def customer_name(customer: Customer) -> str:
    """The name; for who has not told one, the end of their id: ``Unnamed …92n3``."""
    return customer.display_name or f"Unnamed …{customer.pk[-4:]}"


def identity_value(identity: Identity) -> str:
    """What the customer is known by. The token of a chat visitor says nothing to people: only its end is shown."""
    return f"Browser …{identity.value[-4:]}" if identity.kind == Identity.Kind.VISITOR else identity.value


def customer_badge(customer: Customer) -> SafeString:
    """The name, with a badge for Gold and Premium."""
    if customer.service_level == Customer.ServiceLevel.STANDARD:
        return format_html("{}", customer_name(customer))
    return format_html(
        '<span class="cq-who">{} <span class="cq-level cq-level-{}">{}</span></span>',
        customer_name(customer),
        customer.service_level,
        customer.get_service_level_display(),
    )


def consultant_name(user: AbstractUser | None) -> str:
    """The name of somebody of ours; for who has none, what they log in with. ``-`` for nobody."""
    return (user.get_full_name() or user.get_username()) if user else "-"
