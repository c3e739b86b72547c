"""From a consultant's answer to an article, by way of somebody who may decide; and the gaps it closes."""

import pytest

from conversations.erasure.services import customer_erase
from feedback.errors import AlreadyDecided, NothingToLearn, ProposalNotFound
from feedback.learning.articles import (
    Wording,
    article_approve,
    article_change,
    article_compare,
    article_propose,
    article_reject,
)
from feedback.learning.gaps import gap_note, gaps_recheck
from feedback.models import ArticleProposal, KnowledgeGap
from knowledge.models import Document
from knowledge.services import versions_sweep
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.agents.tracing.test_privacy import PERSONAL, PLANTED
from tests.conversations.people import customer_make
from tests.feedback.learning.people import answer, case_make, consultant

pytestmark = pytest.mark.django_db

QUESTION = "Hello,\n\ncan my dog's bed be washed in the machine?\n\nKind regards\n\nMarta Lindgren"
ANSWER = (
    "Dear Ms Lindgren,\n\nthe cover of the Pluto dog bed comes off and can be washed at **40 degrees**. Let it dry in "
    "the air. If it does not fit any more, Marta, call me at +1 415 555 2671.\n\nKind regards\n\nRobin Hale"
)
UNKNOWN = {"no_knowledge": {"count": 1, "weight": 100, "evidence": ["no passage"]}}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def case():
    return case_make(QUESTION, "", factors=UNKNOWN)


@pytest.fixture
def editor():
    return consultant("ida")


def propose(case, text=ANSWER) -> ArticleProposal:
    return article_propose(message_id=answer(case, text).pk, user=consultant())


def wording(proposal, **changes) -> Wording:
    told = {name: getattr(proposal, name) for name in ("title", "question", "answer", "audience")}
    told["answer"] = told["answer"].replace("[name]", "you").replace("[telephone number]", "the shop")
    return Wording(**{**told, **changes})


class TestProposing:
    def test_it_is_the_answer_without_what_is_personal(self, case):
        proposal = propose(case)
        assert proposal.title == "Can my dog's bed be washed in the machine?"
        assert proposal.question == "can my dog's bed be washed in the machine?"
        assert proposal.answer.startswith(
            "The cover of the Pluto dog bed comes off and can be washed at **40 degrees**."
        )
        assert proposal.taken_out == {"NAME": 1, "PHONE": 1}
        for personal in ("Marta", "Lindgren", "415", "Robin", "Hale", "regards", "Dear"):
            assert personal not in f"{proposal.title}{proposal.question}{proposal.answer}", personal

    def test_twelve_kinds_of_personal_data_stay_out(self):
        customer = customer_make(
            "zaphyra.quill@example.com",
            display_name=PERSONAL["NAME"][0],
            profile={"Street address": PLANTED["address"], "Account number": PLANTED["account"]},
        )
        told = ". ".join(f"Your {kind} is {value}" for kind, value in PLANTED.items())
        proposal = propose(case_make(f"What do you know? {told}", "", customer=customer), f"We know this. {told}")
        for kind, value in PLANTED.items():
            assert value not in f"{proposal.title}{proposal.question}{proposal.answer}", kind

    def test_twice_is_once(self, case):
        proposal = propose(case)
        assert article_propose(message_id=proposal.message_id, user=consultant()) == proposal
        assert AuditEvent.objects.filter(action="article.proposed").count() == 1

    def test_only_of_what_a_consultant_wrote(self, case):
        with pytest.raises(NothingToLearn):
            article_propose(message_id=case.query.message_id, user=consultant())

    def test_not_of_a_greeting_alone(self, case):
        with pytest.raises(NothingToLearn):
            propose(case, "Dear Marta,\n\nKind regards\n\nRobin Hale")


class TestKnownAlready:
    def test_near_articles_are_shown_with_how_near(self, case):
        first = propose(case)
        article_approve(proposal_id=first.pk, wording=wording(first), user=consultant())
        versions_sweep()
        other = propose(case_make("Can I wash the cover of a dog's bed in the machine?", ""))
        article_compare(proposal_id=other.pk)
        other.refresh_from_db()
        assert [near["document_id"] for near in other.near] == [Document.objects.get().pk]
        assert other.near[0]["relevance"] > 0.6

    def test_nothing_near_is_told_too(self, case):
        proposal = propose(case)
        article_compare(proposal_id=proposal.pk)
        proposal.refresh_from_db()
        assert (proposal.near, proposal.near_at is not None) == ([], True)


class TestDeciding:
    def test_an_editor_changes_the_words(self, case, editor):
        proposal = propose(case)
        article_change(proposal_id=proposal.pk, wording=wording(proposal, title="Washing dog beds"), user=editor)
        proposal.refresh_from_db()
        assert (proposal.title, proposal.state) == ("Washing dog beds", "proposed")

    @pytest.mark.parametrize("audience", ["customer", "internal"])
    def test_approved_it_is_a_document_for_whom_it_was_chosen(self, case, editor, audience):
        proposal = propose(case)
        article_approve(proposal_id=proposal.pk, wording=wording(proposal, audience=audience), user=editor)
        versions_sweep()
        document = Document.objects.get()
        assert (document.audience, document.title, document.external_id) == (
            *(audience, proposal.title, f"article/{proposal.pk}"),
        )
        proposal.refresh_from_db()
        assert (proposal.state, proposal.decided_by, proposal.document_id) == ("approved", editor, document.pk)
        assert document.versions.get().pk == proposal.version_id
        assert AuditEvent.objects.filter(action="article.approved", actor=f"user:{editor.pk}").count() == 1

    def test_what_looks_personal_needs_a_word_that_it_is_ours(self, case, editor):
        proposal = propose(case)
        ours = wording(proposal, answer="Call us at +1 415 555 2671.")
        with pytest.raises(InvalidInput) as raised:
            article_approve(proposal_id=proposal.pk, wording=ours, user=editor)
        assert (raised.value.param, raised.value.code) == ("answer", "personal")
        assert not Document.objects.exists()
        article_approve(proposal_id=proposal.pk, wording=ours, user=editor, ours=True)

    def test_the_customer_is_never_named(self, case, editor):
        proposal = propose(case)
        named = wording(proposal, title="What Marta asked")
        with pytest.raises(InvalidInput) as raised:
            article_approve(proposal_id=proposal.pk, wording=named, user=editor, ours=True)
        assert raised.value.param == "title"

    def test_rejected_it_says_why(self, case, editor):
        proposal = propose(case)
        with pytest.raises(InvalidInput):
            article_reject(proposal_id=proposal.pk, reason=" ", user=editor)
        article_reject(proposal_id=proposal.pk, reason="Only this one bed.", user=editor)
        proposal.refresh_from_db()
        assert (proposal.state, proposal.reason) == ("rejected", "Only this one bed.")

    def test_nobody_decides_twice(self, case, editor):
        proposal = propose(case)
        article_reject(proposal_id=proposal.pk, reason="No.", user=editor)
        for again in (
            lambda: article_approve(proposal_id=proposal.pk, wording=wording(proposal), user=editor),
            lambda: article_reject(proposal_id=proposal.pk, reason="No!", user=editor),
            lambda: article_change(proposal_id=proposal.pk, wording=wording(proposal), user=editor),
        ):
            with pytest.raises(AlreadyDecided):
                again()
        with pytest.raises(ProposalNotFound):
            article_reject(proposal_id="art_nothing", reason="No.", user=editor)
        assert not Document.objects.exists()

    @pytest.mark.parametrize("changes", [{"title": ""}, {"answer": " "}, {"title": "x" * 201}, {"audience": "all"}])
    def test_what_is_missing_or_too_much_is_named(self, case, editor, changes):
        proposal = propose(case)
        with pytest.raises(InvalidInput) as raised:
            article_approve(proposal_id=proposal.pk, wording=wording(proposal, **changes), user=editor)
        assert raised.value.param == next(iter(changes))


class TestGaps:
    def test_questions_alike_are_one_gap_others_another(self, case):
        gap = gap_note(query_id=case.query_id)
        alike = case_make("Can I wash my dog's bed in the washing machine?", "", factors=UNKNOWN)
        other = case_make("Do you deliver pianos to the islands?", "", factors=UNKNOWN)
        assert gap_note(query_id=alike.query_id) == gap
        assert gap_note(query_id=other.query_id) != gap
        gap.refresh_from_db()
        assert (gap.count, gap.state, gap.category) == (2, "open", "product")
        assert "Marta" not in gap.question

    def test_twice_is_once(self, case):
        gap = gap_note(query_id=case.query_id)
        assert gap_note(query_id=case.query_id) == gap
        gap.refresh_from_db()
        assert gap.count == 1

    def test_what_was_known_is_no_gap(self):
        known = case_make()
        assert gap_note(query_id=known.query_id) is None
        assert gap_note(query_id="qry_nothing") is None

    def test_an_approved_article_closes_it_when_search_finds_it(self, case, editor):
        gap = gap_note(query_id=case.query_id)
        other = gap_note(query_id=case_make("Do you deliver pianos to the islands?", "", factors=UNKNOWN).query_id)
        proposal = propose(case)
        assert proposal.gap == gap, "the gap that the answered question belongs to"
        article_approve(proposal_id=proposal.pk, wording=wording(proposal), user=editor)
        assert gaps_recheck() == 0, "nobody has read it yet"
        versions_sweep()
        assert gaps_recheck() == 1
        gap.refresh_from_db()
        other.refresh_from_db()
        assert (gap.state, gap.closed_by, gap.found, gap.searched) == ("closed", proposal, 1, 1)
        assert other.state == "open"
        assert gaps_recheck() == 0

    def test_an_article_for_staff_closes_nothing(self, case, editor):
        gap = gap_note(query_id=case.query_id)
        proposal = propose(case)
        article_approve(proposal_id=proposal.pk, wording=wording(proposal, audience="internal"), user=editor)
        versions_sweep()
        assert gaps_recheck() == 0
        gap.refresh_from_db()
        assert (gap.state, gap.found, gap.searched) == ("open", 0, 1)

    def test_an_article_that_answers_something_else_leaves_it_open(self, case, editor):
        gap = gap_note(query_id=case.query_id)
        proposal = propose(case)
        piano = wording(proposal, title="Pianos", question="", answer="We deliver pianos to all islands by ship.")
        article_approve(proposal_id=proposal.pk, wording=piano, user=editor)
        versions_sweep()
        assert gaps_recheck() == 0
        gap.refresh_from_db()
        assert gap.state == "open"

    def test_it_opens_again_when_it_comes_again(self, case, editor):
        gap = gap_note(query_id=case.query_id)
        proposal = propose(case)
        article_approve(proposal_id=proposal.pk, wording=wording(proposal), user=editor)
        versions_sweep()
        gaps_recheck()
        again = case_make("Can I wash my dog's bed in the washing machine?", "", factors=UNKNOWN)
        assert gap_note(query_id=again.query_id) == gap
        gap.refresh_from_db()
        assert (gap.state, gap.count, gap.reopened, gap.closed_at) == ("open", 2, 1, None)
        assert AuditEvent.objects.filter(action="gap.reopened").count() == 1

    def test_it_goes_with_the_only_one_who_asked(self, case):
        gap_note(query_id=case.query_id)
        proposal = propose(case)
        customer_erase(customer=case.conversation.customer, actor="customer:x")
        assert not KnowledgeGap.objects.exists()
        assert not ArticleProposal.objects.filter(pk=proposal.pk).exists()
        assert gap_note(query_id=case.query_id) is None, "nothing is left to learn from"

    def test_it_is_told_in_the_words_of_another_one_who_asked(self, case):
        gap = gap_note(query_id=case.query_id)
        alike = case_make("Can I wash my dog's bed in the washing machine?", "", factors=UNKNOWN)
        gap_note(query_id=alike.query_id)
        customer_erase(customer=case.conversation.customer, actor="customer:x")
        gap.refresh_from_db()
        assert (gap.question, gap.count) == ("Can I wash my dog's bed in the washing machine?", 2)
