from importlib import import_module

from django.apps import AppConfig
from django.urls import register_converter

from omnicqm.common.ids import IdConverter


class CommonConfig(AppConfig):
    name = "omnicqm.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
        import_module("omnicqm.common.api.schema")  # where the schema generator looks for the token's description
