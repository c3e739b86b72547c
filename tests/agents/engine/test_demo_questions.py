"""What customers of the demo's company ask, alone and within a thread: the answer holds the fact and not the rest."""

from collections.abc import Iterator

import pytest

from tests.agents.engine.cases import case_run, cases_read, customer_articles
from tests.agents.knowledge import knowledge_of

pytestmark = pytest.mark.django_db

QUESTIONS, FOLLOW_UPS = cases_read("questions"), cases_read("follow_ups")


@pytest.fixture(scope="module", autouse=True)
def articles(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    with knowledge_of(iter(customer_articles()), django_db_blocker, tmp_path_factory.mktemp("files")):
        yield


@pytest.mark.parametrize("case", QUESTIONS["answered"], ids=str)
def test_a_question_is_answered_with_what_was_asked_and_no_more(run, case):
    assert not case.wrong_in(case_run(case, run))


@pytest.mark.parametrize("case", FOLLOW_UPS["alone"], ids=str)
def test_a_question_that_stands_alone_wins_over_what_was_spoken_of(run, case):
    assert not case.wrong_in(case_run(case, run))


@pytest.mark.parametrize("case", FOLLOW_UPS["leaning"], ids=str)
def test_a_question_that_leans_back_is_answered_for_what_it_leans_on(run, case):
    assert not case.wrong_in(case_run(case, run))
