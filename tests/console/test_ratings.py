"""Ratings in the console: what was said, and to whom the words of who said it are shown."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from feedback.models import Rating
from omnicqm.console.roles import KNOWLEDGE_EDITORS, TEAM_LEADS
from tests.console.people import consultant_make
from tests.feedback.people import insight_make

pytestmark = pytest.mark.django_db

LIST = reverse("admin:feedback_rating_changelist")
COMMENT = "She said that her neighbour signed for it."


@pytest.fixture
def rating():
    said = {"feedback": "not_helpful", "reason": "outdated", "comment": COMMENT}
    return Rating.objects.create(insight=insight_make(), rater="client:crm", **said)


def pages(client, rating, role) -> str:
    """The list and the page behind its row, as somebody of `role` sees them."""
    user = consultant_make()
    user.groups.set([Group.objects.get(name=role)])
    client.force_login(user)
    return "".join(
        client.get(address).content.decode()
        for address in (LIST, reverse("admin:feedback_rating_change", args=[rating.pk]))
    )


def test_a_team_lead_reads_the_comment_on_both_pages(client, rating):
    assert pages(client, rating, TEAM_LEADS).count(COMMENT) == 2


def test_a_knowledge_editor_sees_what_was_said_and_why_without_the_comment(client, rating):
    shown = pages(client, rating, KNOWLEDGE_EDITORS)
    assert shown.count("outdated") == 2
    assert COMMENT not in shown
