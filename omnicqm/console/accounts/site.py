"""The admin site: who is in, and what every page of it shows."""

from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """django-unfold's site with our doors."""
