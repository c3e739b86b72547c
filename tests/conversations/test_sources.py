"""What is kept about the sources of a reply."""

from dataclasses import replace

import pytest

from conversations.sources import sources_show
from tests.console.people import result_make, source_make


def test_a_source_keeps_the_heading_and_the_passage_it_was_quoted_from():
    passage = {"chunk_id": "chk_1", "heading": "Gold card", "text": "What it costs\n- Annual fee: $0"}
    [kept] = sources_show(result_make(sources=(source_make(),), details={"passages": [passage]}))
    assert (kept["chunk_id"], kept["heading"], kept["context"]) == ("chk_1", "Gold card", passage["text"])


@pytest.mark.parametrize("quote", ["Delivery prices:\nParcel: $6.90", "Delivery prices: A parcel costs $6.90."])
def test_a_passage_of_several_sections_is_named_after_the_one_quoted(quote):
    source = replace(source_make(), quote=quote)
    [kept] = sources_show(result_make(sources=(source,), details={}))
    assert kept["heading"] == "Delivery prices"


def test_a_source_that_is_no_passage_has_neither():
    [kept] = sources_show(result_make(sources=(source_make(document_id="tool:orders"),), details={}))
    assert (kept["heading"], kept["context"]) == ("", "")


def test_an_agent_that_could_not_work_has_no_sources():
    assert sources_show(None) == []
