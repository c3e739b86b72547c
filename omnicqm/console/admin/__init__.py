"""Every table staff may see, one module for each group of the sidebar. Django's autodiscovery imports this package.

Only the console registers pages, because only it may import all apps (`knowledge` registers its own).
"""

from omnicqm.console.admin import accounts, people, settings, threads, trail, work

__all__ = ["accounts", "people", "settings", "threads", "trail", "work"]
