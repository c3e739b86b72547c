"""Customers, the ways they are known, and every touch with them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from unfold.decorators import display

from conversations.models import Customer, Identity, Interaction
from omnicqm.console.base import BaseAdmin, ReadOnlyAdmin, ReadOnlyInline
from omnicqm.console.people import customer_name, identity_value
from omnicqm.console.times import ago

LEVEL_LABELS = {"premium": "warning", "gold": "info"}


class IdentityInline(ReadOnlyInline):
    model = Identity
    fields = readonly_fields = ("kind", "shown", "verified_at", "source")

    @display(description="Value")
    def shown(self, identity: Identity) -> str:
        return identity_value(identity)


@admin.register(Customer)
class CustomerAdmin(BaseAdmin):
    """Name, service level, language and profile may be edited; identities come from channels, sign-in and import."""

    list_display = ("name", "level", "known_by", "conversation_count", "language", "created")
    list_filter = ("service_level", "language")
    search_fields = ("=id", "display_name", "identities__value")
    search_help_text = "Name, e-mail address, phone or account number"
    fields = ("display_name", "service_level", "language", "profile", "history", "merged_into", "created_at")
    readonly_fields = ("history", "merged_into", "created_at")
    inlines = (IdentityInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers = super().get_queryset(request).prefetch_related("identities")
        return customers.annotate(conversation_total=Count("conversations", distinct=True))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Customer", ordering="display_name")
    def name(self, customer: Customer) -> str:
        return f"{customer_name(customer)}{' (merged)' if customer.merged_into_id else ''}"

    @display(description="Service level", ordering="service_level", label=LEVEL_LABELS)
    def level(self, customer: Customer) -> tuple[str, str]:
        return customer.service_level, customer.get_service_level_display()

    @display(description="Known by")
    def known_by(self, customer: Customer) -> str:
        return ", ".join(identity_value(identity) for identity in customer.identities.all()[:4]) or "-"

    @display(description="Conversations", ordering="conversation_total")
    def conversation_count(self, customer: Any) -> int:
        return customer.conversation_total

    @display(description="History")
    def history(self, customer: Customer) -> str:
        """A link to what was recorded on all channels."""
        found = f"{reverse('admin:conversations_interaction_changelist')}?customer__id__exact={customer.pk}"
        return format_html('<a href="{}">All interactions</a>', found)

    @display(description="Since", ordering="created_at")
    def created(self, customer: Customer) -> str:
        return ago(customer.created_at)


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    list_display = ("shown", "kind", "customer", "is_verified", "source", "created_at")
    list_filter = ("kind", "source", ("verified_at", admin.EmptyFieldListFilter))
    list_select_related = ("customer",)
    search_fields = ("=id", "value", "=customer__id", "customer__display_name")
    fields = ("id", "kind", "shown", "customer", "verified_at", "source", "created_at")
    readonly_fields = ("shown",)

    @display(description="Value", ordering="value")
    def shown(self, identity: Identity) -> str:
        return identity_value(identity)

    @display(description="Verified", boolean=True, ordering="verified_at")
    def is_verified(self, identity: Identity) -> bool:
        return identity.verified_at is not None


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    """What was recorded of customers: our messages, and what other systems told of."""

    list_display = ("summary", "customer", "channel", "author", "intent", "source", "occurred_at")
    list_filter = ("source", "author", ("occurred_at", admin.DateFieldListFilter))
    list_select_related = ("customer", "message")
    search_fields = ("=id", "=external_id", "=customer__id", "=identity__value", "=channel")
    search_help_text = "Account number, channel, or the id in the other system"
    fields = ("id", "customer", "identity", "channel", "author", "occurred_at", "intent", "said", "external_id")
    readonly_fields = ("said",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "customer__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description="Interaction")
    def summary(self, interaction: Interaction) -> str:
        return Truncator(self.said(interaction) or interaction.intent or "-").chars(80)

    @display(description="Text")
    def said(self, interaction: Interaction) -> str:
        return interaction.message.text if interaction.message else interaction.detail
