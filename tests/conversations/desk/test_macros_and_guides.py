"""Texts that are used often, and the steps of a category."""

import pytest
from django.core.exceptions import ValidationError

from conversations.desk.selectors import guide_for, guide_ticks, macros_for
from conversations.desk.services import guide_publish, guide_tick, macro_render
from conversations.errors import EscalationOver
from conversations.escalations.services import escalation_resolve
from conversations.models import Guide, GuideTick, Macro
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.desk.people import case_make, staff_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ama():
    return staff_make("ama")


class TestMacros:
    def test_it_is_written_to_this_customer(self, ama):
        escalation = case_make()
        macro = Macro(title="Hello", text="Dear {customer_name},\n\nabout {reference}. {consultant_name}")
        reference = escalation.conversation.reference
        rendered = macro_render(macro=macro, escalation=escalation, user=ama)
        assert rendered == f"Dear Customer 1,\n\nabout {reference}. Ama"

    def test_what_a_customer_calls_themselves_is_no_placeholder(self, ama):
        escalation = case_make()
        escalation.conversation.customer.display_name = "{consultant_name}"
        macro = Macro(title="Hello", text="Dear {customer_name}")
        assert macro_render(macro=macro, escalation=escalation, user=ama) == "Dear {consultant_name}"

    @pytest.mark.parametrize("text", ["Hi {name}", "Hi {customer_name", "Hi }", "Hi {}", "Hi {customer_name!r}"])
    def test_a_placeholder_that_nobody_fills_is_refused(self, ama, text):
        with pytest.raises(ValidationError) as caught:
            Macro(title="Hello", text=text).clean()
        assert list(caught.value.message_dict) == ["text"]
        with pytest.raises(InvalidInput):
            macro_render(macro=Macro(title="Hello", text=text), escalation=case_make(), user=ama)

    def test_those_of_the_category_come_first_then_those_for_all(self):
        for title, category in (("a", "orders"), ("b", ""), ("c", "billing")):
            Macro.objects.create(title=title, text="x", category=category)
        Macro.objects.create(title="d", text="x", category="billing", is_active=False)
        assert [macro.title for macro in macros_for("billing")] == ["c", "b", "a"]
        assert [macro.title for macro in macros_for("")] == ["b", "a", "c"]


class TestGuides:
    @pytest.fixture
    def guide(self, ama):
        steps = [("Look at the invoice", "In the ledger."), ("Refund it", "")]
        return guide_publish(category="billing", title="Double charges", steps=steps, actor=ama)

    def test_what_was_done_is_noted_once_with_who_did_it(self, guide, ama):
        escalation, first = case_make(), guide.steps.first()
        kofi = staff_make("kofi")
        tick = guide_tick(escalation=escalation, step=first, user=ama, done=True)
        assert guide_tick(escalation=escalation, step=first, user=kofi, done=True) == tick
        assert guide_ticks(escalation)[first.pk].user == ama
        event = AuditEvent.objects.get(action="escalation.step_ticked")
        assert event.details == {"step_id": first.pk, "position": 1, "done": True}

    def test_it_can_be_taken_back(self, guide, ama):
        escalation, first = case_make(), guide.steps.first()
        guide_tick(escalation=escalation, step=first, user=ama, done=True)
        assert guide_tick(escalation=escalation, step=first, user=ama, done=False) is None
        assert guide_tick(escalation=escalation, step=first, user=ama, done=False) is None
        assert not GuideTick.objects.exists()
        assert AuditEvent.objects.filter(action="escalation.step_ticked").count() == 2

    def test_a_new_version_leaves_alone_what_was_begun_with_the_old_one(self, guide, ama):
        begun, fresh = case_make(1), case_make(2)
        guide_tick(escalation=begun, step=guide.steps.first(), user=ama, done=True)
        newer = guide_publish(category="billing", title="Double charges", steps=[("Call first", "")], actor=ama)
        assert (newer.version, Guide.objects.filter(is_current=True).get()) == (2, newer)
        assert guide_for(begun, category="billing") == guide
        assert guide_for(fresh, category="billing") == newer

    def test_published_unchanged_it_is_no_new_version(self, guide, ama):
        steps = [("Look at the invoice", "In the ledger."), ("Refund it", "")]
        assert guide_publish(category="billing", title="Double charges", steps=steps, actor=ama) == guide
        assert Guide.objects.count() == 1

    def test_a_category_without_one_has_none(self, guide):
        assert guide_for(case_make(), category="orders") is None

    @pytest.mark.parametrize(
        ("field", "change"), [("title", {"title": " "}), ("steps", {"steps": []}), ("steps", {"steps": [("", "")]})]
    )
    def test_bad_input_is_refused_by_field(self, ama, field, change):
        with pytest.raises(InvalidInput) as caught:
            guide_publish(**{"category": "billing", "title": "T", "steps": [("Do it", "")], "actor": ama, **change})
        assert caught.value.param == field

    def test_once_it_is_over_nothing_is_ticked_any_more(self, guide, ama):
        escalation = case_make()
        escalation_resolve(escalation=escalation, user=ama, resolution="solved")
        with pytest.raises(EscalationOver):
            guide_tick(escalation=escalation, step=guide.steps.first(), user=ama, done=True)
