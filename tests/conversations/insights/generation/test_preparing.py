"""What a web process loads at its start: it works without a database, and a wrong configuration stops nothing."""

from conversations.insights.generation.preparing import summaries_prepare


def test_a_process_prepares_without_asking_the_database(caplog):
    summaries_prepare()
    assert "summaries_not_prepared" not in caplog.text


def test_what_is_wrong_with_the_configuration_is_told_in_the_log(settings, caplog):
    settings.MODEL_ROUTE = ["unheard-of"]
    summaries_prepare()
    assert "summaries_not_prepared" in caplog.text
