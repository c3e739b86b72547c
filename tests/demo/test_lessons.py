"""What the demo's consultants have taught: made by the product's own services, once however often it is loaded."""

import pytest

from conversations.models import Channel, Escalation, Message
from conversations.services.channels import channels_ensure_defaults
from feedback.models import ArticleProposal, Correction, KnowledgeGap, ShadowComparison
from omnicqm.demo import day
from omnicqm.demo.company import articles_load, customers_load, staff_ensure
from omnicqm.demo.desk import desk_load
from omnicqm.demo.lessons import lessons_load

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consultant(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(day, "DELIVERY_SECONDS", 0)
    channels_ensure_defaults()
    customers_load()
    consultant = staff_ensure(admin_password="a long password", consultant_password="another password")
    desk_load()
    articles_load()
    return consultant


def counted():
    rows = (Correction, ShadowComparison, KnowledgeGap, ArticleProposal, Message, Escalation)
    return [row.objects.count() for row in rows]


def test_every_page_of_learning_has_something_to_show(consultant):
    lessons_load(consultant=consultant)
    agrees = list(ShadowComparison.objects.values_list("agrees", flat=True))
    assert len(agrees) == 5
    assert {True, False} == set(agrees)
    assert {"as_is", "edited", "rewritten"} <= set(Correction.objects.values_list("kind", flat=True))
    gap = KnowledgeGap.objects.order_by("-count").first()
    assert (gap.state, gap.count) == ("open", 2)
    proposal = ArticleProposal.objects.get()
    assert (proposal.state, proposal.gap) == ("proposed", gap)
    assert "14 days" in proposal.answer
    for personal in ("Mira", "Robin"):
        assert personal not in proposal.answer
    assert Channel.objects.get(pk="outlook").autonomy == "auto", "as it was before"
    assert not Escalation.objects.filter(state__in=Escalation.ACTIVE).exists(), "nobody waits"
    before = counted()
    lessons_load(consultant=consultant)
    assert counted() == before
