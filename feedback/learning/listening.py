"""What is learnt when something happens, and the sweep for what nobody told of. Everything may be done twice."""

from datetime import timedelta

from django.utils import timezone

from conversations.answering.answered import answered_between, unknown_between
from feedback.autonomy.shadow import shadow_compare
from feedback.judging.services import run_judge
from feedback.learning.articles import article_compare, articles_uncompared
from feedback.learning.corrections import correction_note, draft_unused
from feedback.learning.gaps import gap_note, gaps_forget, gaps_recheck

SWEEP_SINCE, SWEEP_UNTIL = timedelta(hours=6), timedelta(minutes=1)  # older is history, younger is under way
SWEEP_MOST = 200
UNANSWERED_KINDS = ("closed", "resolved")


def answer_learn(*, message_id: str, draft: str | None = None) -> None:
    """A consultant replied: what became of the draft; in the shadow, how alike the agent's own reply is, which may be
    judged from now on."""
    correction_note(message_id=message_id, draft=draft)
    comparison = shadow_compare(message_id=message_id)
    if comparison is not None:
        run_judge(run_id=comparison.run_id)


def escalation_learn(*, escalation_id: str, kind: str, user_id: int | None = None) -> None:
    """A case that ends without a reply has had no use for its draft; `user_id` ended it."""
    if kind in UNANSWERED_KINDS:
        draft_unused(escalation_id=escalation_id, user_id=user_id)


def learning_sweep() -> None:
    """What was missed; proposals that nobody compared; gaps that new articles answer."""
    now = timezone.now()
    since, until = now - SWEEP_SINCE, now - SWEEP_UNTIL
    for message_id in answered_between(since=since, until=until).filter(correction=None, comparisons=None)[:SWEEP_MOST]:
        answer_learn(message_id=message_id)
    for query_id in unknown_between(since=since, until=until).filter(gap_question=None)[:SWEEP_MOST]:
        gap_note(query_id=query_id)
    for proposal_id in articles_uncompared()[:SWEEP_MOST]:
        article_compare(proposal_id=proposal_id)
    gaps_recheck()
    gaps_forget()
