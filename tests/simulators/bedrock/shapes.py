"""Checks a request against botocore's service model as the service does: also greatest sizes, patterns and enums, which
the client leaves to it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from tests.simulators.bedrock.refusals import invalid


@cache
def service_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))


def parameters_check(operation: str, parameters: Mapping[str, Any]) -> None:
    """Raises `Refusal` unless `parameters` (members of the path and of the body) fit the operation's input shape."""
    shape = service_model().operation_model(operation).input_shape
    errors = ParamValidator().validate(parameters, shape)
    problems = [errors.generate_report()] if errors.has_errors() else list(_broken(parameters, shape, ""))
    if problems:
        raise invalid(f"{len(problems)} validation error(s) detected: {'; '.join(problems)}")


def _broken(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """What botocore's validator does not look at. `value` has the right types already."""
    if shape.type_name == "structure":
        if not shape.is_document_type:
            for name, member in value.items():
                yield from _broken(member, shape.members[name], f"{path}.{name}" if path else name)
        return
    yield from (f"Value at '{path}' failed to satisfy constraint: {problem}" for problem in _unmet(value, shape))
    if shape.type_name == "list":
        for index, member in enumerate(value):
            yield from _broken(member, shape.member, f"{path}.{index}")
    elif shape.type_name == "map":
        for key, member in value.items():
            yield from _broken(key, shape.key, f"{path}.key")
            yield from _broken(member, shape.value, f"{path}.{key}")


def _unmet(value: Any, shape: Shape) -> Iterator[str]:
    rules, size = shape.metadata, value if isinstance(value, int | float) else len(value)
    if size > rules.get("max", size):
        yield f"must have value or length less than or equal to {rules['max']}"
    if size < rules.get("min", size):
        yield f"must have value or length greater than or equal to {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"must satisfy enum value set: {rules['enum']}"
    if "pattern" in rules and not _compiled(rules["pattern"]).fullmatch(value):
        yield f"must satisfy regular expression pattern: {rules['pattern']}"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
