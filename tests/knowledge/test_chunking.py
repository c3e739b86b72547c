"""Chunks: pieces that can be found and read alone."""

import re

from knowledge.chunking import MAX_PREFIX, TARGET, chunks_make
from knowledge.parsing import Block, Kind


def words(text: str) -> int:
    return len(text.split())


def chunk(title: str, *blocks: Block, limit: int = 254):
    return chunks_make(title, list(blocks), measure=words, limit=limit)


def prose(count: int, name: str = "Word") -> str:
    return " ".join(f"{name}{number} ends here." for number in range(count // 3))


def test_title_and_headings_are_in_what_search_reads_and_the_title_is_not_repeated():
    [draft] = chunk("Cards", Block("It is $35.", ("Cards", "Fees", "Late")))
    assert draft.heading == "Fees › Late"
    assert draft.text == "It is $35."
    assert draft.indexed == "Cards\nFees › Late\nIt is $35."


def test_a_section_that_stands_alone_is_a_chunk_of_its_own():
    drafts = chunk("T", Block(prose(120), ("A",)), Block(prose(120), ("B",)))
    assert [draft.heading for draft in drafts] == ["A", "B"]


def test_small_neighbours_share_a_chunk_with_their_headings_in_the_text():
    [draft] = chunk("T", Block("Nine.", ("Hours", "Open")), Block("Five.", ("Hours", "Closed")))
    assert draft.heading == "Hours"
    assert draft.text == "Open:\n\nNine.\n\nClosed:\n\nFive."


def test_small_sections_of_different_parents_stay_apart():
    drafts = chunk("T", Block("Fee $450.", ("Travel", "Gold")), Block("Fee $0.", ("Student", "Basic")))
    assert [draft.heading for draft in drafts] == ["Travel › Gold", "Student › Basic"]


def test_prose_is_cut_between_sentences_and_nothing_is_lost():
    text = prose(900)
    drafts = chunk("T", Block(text))
    assert len(drafts) > 4
    assert " ".join(draft.text for draft in drafts) == text
    assert all(draft.text.endswith(".") for draft in drafts)
    assert all(words(draft.text) <= TARGET for draft in drafts)


def test_a_list_stays_whole_when_it_fits_and_takes_its_introduction_along():
    items = "\n".join(f"- item {number} of the list" for number in range(20))
    drafts = chunk("T", Block(prose(150)), Block("You need:"), Block(items, (), Kind.LIST))
    assert [draft.text for draft in drafts] == [prose(150), f"You need:\n{items}"]


def test_a_long_list_is_cut_between_items_and_every_piece_is_introduced():
    items = [f"- item {number} of this long list" for number in range(100)]
    drafts = chunk("T", Block("You need:"), Block("\n".join(items), (), Kind.LIST))
    assert len(drafts) > 2
    assert all(draft.text.startswith("You need:\n- item") for draft in drafts)
    assert [line for draft in drafts for line in draft.text.split("\n")[1:]] == items


def test_a_row_longer_than_a_chunk_is_cut_rather_than_lost():
    row = "Card: Gold; Terms: " + prose(600)
    drafts = chunk("T", Block(f"Card: A; Terms: none\n{row}\nCard: B; Terms: none", (), Kind.TABLE))
    together = re.sub(r"\s+", " ", " ".join(draft.text for draft in drafts))
    assert together == f"Card: A; Terms: none {row} Card: B; Terms: none"


def test_the_model_reads_every_chunk_to_its_end():
    long_path = tuple(f"a heading of several words number {number}" for number in range(30))
    drafts = chunk("A title " * 40, Block(prose(400), long_path), limit=254)
    assert all(words(draft.indexed) <= 254 for draft in drafts)
    assert all(words(draft.indexed) - words(draft.text) <= MAX_PREFIX for draft in drafts)
