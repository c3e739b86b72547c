"""Django's admin with our site; see `omnicqm.console.accounts.site`."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    default = False
    default_site = "omnicqm.console.accounts.site.ConsoleSite"
