"""How alike a draft and a reply are, and the way from one to the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.learning.diffs import changes_between, draft_rebuild, kind_of, similarity, stretches
from feedback.models import Correction

DRAFT = "The warranty lasts five years. It covers faults of material."
texts = st.text(alphabet="ab c\n.ä", max_size=60)


@given(texts, texts)
def test_the_draft_can_be_made_again_from_the_reply(draft, sent):
    assert draft_rebuild(changes_between(draft, sent), sent) == draft


@given(texts, texts)
def test_the_reply_is_all_that_did_not_go_out(draft, sent):
    parts = stretches(changes_between(draft, sent), sent)
    assert "".join(part.text for part in parts if part.kind != "out") == sent


@given(texts)
def test_what_was_not_touched_keeps_no_text(text):
    assert not [what for kind, what in changes_between(text, text) if kind == "-"]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (DRAFT, Correction.Kind.AS_IS),
        (f"**{DRAFT}**", Correction.Kind.AS_IS),
        (DRAFT.replace("five", "three"), Correction.Kind.EDITED),
        (f"{DRAFT} Keep your receipt, please.", Correction.Kind.EDITED),
        ("Please bring the frame to our store in Lakeview, we look at it there.", Correction.Kind.REWRITTEN),
    ],
)
def test_what_a_draft_became(sent, kind):
    assert kind_of(similarity(DRAFT, sent)) is kind


@pytest.mark.parametrize(
    ("alike", "kind"), [(0.98, "as_is"), (0.9799, "edited"), (0.5, "edited"), (0.4999, "rewritten")]
)
def test_the_bounds_are_where_they_are_said_to_be(alike, kind):
    assert kind_of(alike) == kind


def test_steps_that_do_not_fit_end_early():
    changes = changes_between("one two three", "one two four")
    assert "".join(part.text for part in stretches(changes, "")) == "three"


def test_endless_texts_are_compared_in_bounded_time():
    long = " ".join(f"word{number % 97}" for number in range(12_000))
    changes = changes_between(long, f"{long} end")
    assert draft_rebuild(changes, f"{long} end") == long
