"""What is known of Bedrock's models: what each takes and what it costs. Data, because both change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from agents.providers.base import Usage
from omnicqm.common.errors import ConfigurationError

GEOGRAPHIES = ("us", "us-gov", "eu", "jp", "apac", "au", "ca", "global")
_GEOGRAPHY_OF = {"us": "us", "us-gov": "us-gov", "eu": "eu", "ap": "apac"}
_TABLE = Path(__file__).with_name("models.json")
_THOUSAND = Decimal(1000)

CachePlace = Literal["system", "tools", "messages"]


@dataclass(frozen=True)
class Prices:
    """USD per 1,000 tokens. `version` names the table they are from, followed by ``?`` when the model is not in it."""

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    version: str

    def cost(self, *, input: int, output: int, cache_read: int, cache_write: int, factor: Decimal) -> Usage:
        """The usage with its cost; `factor` is that of the service tier."""
        parts = (
            (input, self.input),
            (output, self.output),
            (cache_read, self.cache_read),
            (cache_write, self.cache_write),
        )
        usd = sum((tokens * price for tokens, price in parts), Decimal(0)) / _THOUSAND * factor
        return Usage(input, output, cache_read, cache_write, cost_usd=usd)


@dataclass(frozen=True)
class ModelFacts:
    """`cache_min_tokens` is the shortest prefix that is cached; `native_output` that the model takes a JSON schema for
    its answer; `is_known` that it stands in our table."""

    model_id: str
    cache_points: frozenset[CachePlace]
    cache_min_tokens: int
    native_output: bool
    tools: bool
    max_output: int
    prices: Prices
    is_known: bool = True

    @property
    def remarks(self) -> tuple[str, ...]:
        """What an administrator should know of this model, a sentence each."""
        if not self.is_known:
            return (
                f"The model {self.model_id} is not in our table: it is used without prompt cache, for answers of at"
                f" most {self.max_output} tokens, and costed at the highest price known.",
            )
        if self.prices.version.endswith("?"):
            return (f"The price of {self.model_id} is not in our table: it is costed like the dearest of its kind.",)
        return ()


def model_facts(model_id: str) -> ModelFacts:
    """The facts of a full model id or inference profile. One we do not know is treated carefully: no cache points, no
    native output, short answers, and the highest price of its kind, or of all."""
    entry = _table()["capabilities"].get(_base(model_id))
    return ModelFacts(
        model_id=model_id,
        cache_points=frozenset(cast("list[CachePlace]", entry["cache_points"] if entry else [])),
        cache_min_tokens=entry["cache_min_tokens"] if entry else 0,
        native_output=bool(entry and entry["native_output"]),
        tools=entry["tools"] if entry else True,
        max_output=entry["max_output"] if entry else 4096,
        prices=_prices(model_id),
        is_known=entry is not None,
    )


def model_id_resolve(model_id: str, region: str) -> str:
    """`model_id` as it can be called from `region`: a model that is only served through inference profiles gets the
    profile of the region's own geography, so that no data leave it. An id with a prefix or an ARN stays as it is.

    Raises `ConfigurationError` when the region's geography has no profiles of its own.
    """
    entry = _table()["capabilities"].get(model_id)
    if entry is None or not entry["profile_only"]:
        return model_id
    return f"{geography_of(region)}.{model_id}"


def geography_of(region: str) -> str:
    """The geography whose inference profiles serve `region`, e.g. ``eu`` for ``eu-central-1``.

    Raises `ConfigurationError` for a region of another: sending its data elsewhere is nothing to do unasked.
    """
    if region in ("ap-northeast-1", "ap-northeast-3"):
        return "jp"
    geography = _GEOGRAPHY_OF.get("us-gov" if region.startswith("us-gov-") else region.partition("-")[0])
    if geography is None:
        raise ConfigurationError(
            f"No inference profiles of its own serve the region {region}. Choose whose may: name full model ids such"
            " as us.amazon.nova-2-lite-v1:0 with OMNICQM_MODEL_PRIMARY and OMNICQM_MODEL_SECONDARY.",
            param="OMNICQM_MODEL_PRIMARY",
        )
    return geography


def tier_factor(tier: str) -> Decimal:
    """How much more than the list price a service tier costs. Raises KeyError for an unknown one."""
    return Decimal(_table()["tiers"][tier])


def _prices(model_id: str) -> Prices:
    table, version = _table()["prices"], _table()["price_version"]
    if model_id in table:
        return Prices(**_decimals(table[model_id]), version=version)
    alike = [entry for known, entry in table.items() if _base(known) == _base(model_id)] or list(table.values())
    highest = {name: max(Decimal(entry[name]) for entry in alike) for name in alike[0]}
    return Prices(**highest, version=f"{version}?")


def _decimals(entry: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in entry.items()}


def _base(model_id: str) -> str:
    """The id without geography; of a profile's ARN its last part."""
    name = model_id.rpartition("/")[2]
    geography, _, rest = name.partition(".")
    return rest if geography in GEOGRAPHIES else name


@cache
def _table() -> dict[str, Any]:
    return json.loads(_TABLE.read_text(encoding="utf-8"))
