"""Who wrote, about what and on which channel. They do not exist: an id of its own kind is all there is of each."""

import random
from dataclasses import dataclass

CUSTOMERS = 2_600
CHANNELS = {"outlook": 46, "chat": 42, "api": 12}
CATEGORIES = {
    "orders": 34, "returns": 20, "product": 21, "billing": 10, "complaint": 7, "account": 5, "technical": 3,
}  # fmt: skip
LANGUAGES = {"en": 84, "de": 9, "es": 4, "fr": 3}
LEVELS = {"standard": 73, "gold": 17, "premium": 10}


@dataclass(frozen=True)
class Person:
    customer_id: str
    language: str
    service_level: str


def picked(weights: dict[str, int], chance: random.Random) -> str:
    [value] = chance.choices(list(weights), weights=list(weights.values()))
    return value


def people_invent(chance: random.Random) -> list[Person]:
    return [
        Person(f"cus_demo{number:022}", picked(LANGUAGES, chance), picked(LEVELS, chance))
        for number in range(CUSTOMERS)
    ]
