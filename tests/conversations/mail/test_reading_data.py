"""Mails and expectations of five open-source reply parsers."""

from pathlib import Path

import pytest

from analytics.evaluation.suites.mail_cases import outcomes

pytestmark = pytest.mark.data

RIGHT, ALLOWING = 0.89, 0.97  # reached: 0.90 and 0.98; `Outcome` says what the two measure


def test_readings_are_right_about_as_often_as_they_can_be(shared_data: Path) -> None:
    found = list(outcomes(shared_data / "email_parsing"))
    assert len(found) == 125
    assert sum(outcome.right for outcome in found) / len(found) >= RIGHT
    assert sum(outcome.allowing for outcome in found) / len(found) >= ALLOWING


def test_no_mail_is_read_to_nothing(shared_data: Path) -> None:
    assert [outcome.case["id"] for outcome in outcomes(shared_data / "email_parsing") if not outcome.reading] == []
