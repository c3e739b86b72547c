"""A Converse request as one row of blocks in the order in which a model reads them: tools, system, messages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulators.bedrock.models import Place


@dataclass(frozen=True)
class Block:
    """One block. `text` is its exact content (any changed byte changes it), `path` where it stands in the request."""

    place: Place
    path: str
    data: Mapping[str, Any]
    role: str = ""

    @property
    def is_cache_point(self) -> bool:
        return "cachePoint" in self.data

    @property
    def ttl(self) -> str:
        return self.data["cachePoint"].get("ttl", "5m")

    @property
    def text(self) -> str:
        return f"{self.place}/{self.role}/{json.dumps(self.data, ensure_ascii=False)}"


def request_blocks(body: Mapping[str, Any]) -> Iterator[Block]:
    for index, tool in enumerate(body.get("toolConfig", {}).get("tools", [])):
        yield Block("tools", f"/toolConfig/tools/{index}", tool)
    for index, block in enumerate(body.get("system", [])):
        yield Block("system", f"/system/{index}", block)
    for number, message in enumerate(body.get("messages", [])):
        for index, block in enumerate(message["content"]):
            yield Block("messages", f"/messages/{number}/content/{index}", block, message["role"])
