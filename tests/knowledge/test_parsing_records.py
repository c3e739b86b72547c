"""JSONL: the records of a file, or the first line that is wrong."""

import json

import pytest

from knowledge.errors import FileUnreadable
from knowledge.parsing import Format, Record, format_sniff, records_parse


def line(**record):
    return json.dumps({"id": "a", "title": "T", "text": "Body."} | record)


def test_records_carry_id_title_text_and_audience():
    text = "\n".join([line(), "", line(id=7, internal=True, category="ignored"), line(id="c", internal=False)])
    assert records_parse(text) == [
        Record("a", "T", "Body."),
        Record("7", "T", "Body.", internal=True),
        Record("c", "T", "Body.", internal=False),
    ]


def test_texts_of_records_are_cleaned():
    [record] = records_parse(line(title="Fees\ud800\u0000", text="It\u200b is\udc00 $35."))
    assert (record.title, record.text) == ("Fees", "It is $35.")


def test_a_jsonl_file_is_recognised_by_its_first_line():
    assert format_sniff(line().encode(), "docs.txt") is Format.JSONL


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("not json", "Line 2 is not a JSON object"),
        ("[1, 2]", "Line 2 is not a JSON object"),
        ("[" * 100_000, "Line 2 is not a JSON object"),
        (line(text="  "), "Line 2: 'text' must be a text that is not empty"),
        (line(title=None), "Line 2: 'title' must be a text"),
        (line(id=""), "Line 2: 'id' must be"),
        (line(id="x" * 201), "Line 2: 'id' must be"),
        (line(id="a\u0000b"), "Line 2: 'id' must be"),
        (line(id=True), "Line 2: 'id' must be"),
        (line(internal="yes"), "Line 2: 'internal' must be true or false"),
        (line(id="first"), "1 records repeat the id"),
    ],
)
def test_the_first_wrong_line_is_named(wrong, complaint):
    with pytest.raises(FileUnreadable, match=complaint):
        records_parse(f"{line(id='first')}\n{wrong}\n{line(id='last')}")


def test_a_file_without_records_says_what_a_record_is():
    with pytest.raises(FileUnreadable, match="has no record"):
        records_parse("\n\n")
