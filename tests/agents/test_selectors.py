import pytest

from agents.errors import RunNotFound
from agents.factors import DEFAULT_WEIGHTS
from agents.models import Category, FactorWeight, Run, RunStep
from agents.selectors import (
    category_list,
    category_settings,
    category_titles,
    policy_resolve,
    run_get,
    weights_resolve,
)
from agents.types import Autonomy, Factor

pytestmark = pytest.mark.django_db


def test_the_shipped_categories_need_no_row():
    titles = category_titles()
    assert titles["billing"] == "Billing & payments"
    assert {"billing", "orders", "returns", "account", "product", "technical", "complaint", "other"} == set(titles)


def test_a_row_replaces_a_shipped_category_and_keeps_what_it_leaves_empty():
    Category.objects.create(key="billing", title="Invoices", examples=["Where is my invoice?"])
    billing = next(category for category in category_list() if category["key"] == "billing")
    assert (billing["title"], billing["examples"]) == ("Invoices", ["Where is my invoice?"])
    assert billing["description"]


def test_a_row_with_another_key_joins():
    Category.objects.create(key="press", title="Press")
    assert category_titles()["press"] == "Press"


@pytest.mark.parametrize(
    ("category", "channel", "effective"), [(None, None, 80), (70, None, 70), (None, 90, 90), (70, 90, 90), (95, 85, 95)]
)
def test_the_higher_threshold_holds(category, channel, effective):
    Category.objects.create(key="billing", title="Billing", threshold=category)
    assert policy_resolve("billing", threshold=channel).threshold == effective


@pytest.mark.parametrize("category", Autonomy)
@pytest.mark.parametrize("channel", Autonomy)
def test_the_stricter_autonomy_holds(category, channel):
    Category.objects.create(key="billing", title="Billing", autonomy=category)
    for strictest in (Autonomy.SHADOW, Autonomy.DRAFT, Autonomy.AUTO):
        if strictest in (category, channel):
            break
    assert policy_resolve("billing", autonomy=channel).autonomy is strictest


def test_what_is_saved_of_every_category_is_read_together(django_assert_max_num_queries):
    Category.objects.create(key="billing", title="Billing", autonomy=Autonomy.SHADOW, threshold=70)
    FactorWeight.objects.create(factor=Factor.URGENCY, weight=20)
    FactorWeight.objects.create(factor=Factor.URGENCY, weight=5, category_id="billing")
    with django_assert_max_num_queries(3):
        settings = {setting.key: setting for setting in category_settings()}
    billing, orders = settings["billing"], settings["orders"]
    assert (billing.autonomy, billing.threshold, billing.weights[Factor.URGENCY], billing.is_own) == (
        *(Autonomy.SHADOW, 70, 5, True),
    )
    assert (orders.autonomy, orders.threshold, orders.weights[Factor.URGENCY], orders.is_own) == (
        *(Autonomy.AUTO, 80, 20, False),
    )


def test_without_rows_the_default_weights_hold():
    assert weights_resolve("billing") == DEFAULT_WEIGHTS


def test_a_run_comes_with_its_steps(django_assert_num_queries):
    run = Run.objects.create(scope="channel:test")
    RunStep.objects.create(run=run, index=0, kind="gate", name="escalate")
    with django_assert_num_queries(2):
        assert [step.name for step in run_get(run.id).steps.all()] == ["escalate"]


def test_a_run_that_is_not_there_is_an_error():
    with pytest.raises(RunNotFound):
        run_get("run_nowhere")
