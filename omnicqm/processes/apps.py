from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "omnicqm.processes"

    def ready(self) -> None:
        from omnicqm import checks  # noqa: F401 - registers them
