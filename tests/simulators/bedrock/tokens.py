"""Token counts. No tokenizer of these models is public: four bytes are taken for a token, as a rule of thumb does."""

import json
from collections.abc import Mapping
from typing import Any

from tests.simulators.bedrock.blocks import request_blocks

BYTES_PER_TOKEN = 4


def text_tokens(text: str) -> int:
    """At least one for any text, none for an empty one."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def block_tokens(data: Mapping[str, Any]) -> int:
    """Tokens of a content block, tool or system block; a cache point has none."""
    if "cachePoint" in data:
        return 0
    return text_tokens(data["text"] if "text" in data else json.dumps(data, ensure_ascii=False))


def request_tokens(body: Mapping[str, Any]) -> int:
    return sum(block_tokens(block.data) for block in request_blocks(body))
