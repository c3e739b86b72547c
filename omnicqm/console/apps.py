from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "omnicqm.console"
