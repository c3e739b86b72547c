"""What an admin sets: forms that say in words what does not fit, and prompts that can be laid side by side."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agents.models import Category, FactorWeight, Run
from agents.prompts import prompts_load
from conversations.models import Channel
from omnicqm.console.models import PromptVersion
from omnicqm.console.prompts import prompts_remember
from tests.console.people import admin_make
from tests.conversations.people import channel_get

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


def errors_of(answer):
    assert answer.status_code == 200
    return {field: " ".join(told) for field, told in answer.context["adminform"].errors.items()}


def channel_form(**changes):
    form = {"title": "Outlook", "is_active": "on", "sender_trust": "gateway", "reply_by": "mail", "autonomy": "auto"}
    return {**form, **changes}


def channel_change(client, **changes):
    channel = channel_get("outlook")
    return client.post(reverse("admin:conversations_channel_change", args=[channel.pk]), channel_form(**changes))


def test_a_threshold_is_a_score(client):
    told = errors_of(channel_change(client, threshold="101"))
    assert told == {"threshold": told["threshold"]}
    assert "A threshold is a score from 0 to 100" in told["threshold"]
    assert channel_change(client, threshold="90").status_code == 302
    assert Channel.objects.get(pk="outlook").threshold == 90


def test_a_trusted_server_has_a_name(client):
    told = errors_of(channel_change(client, sender_trust="authentication_results"))
    assert told["trusted_server"] == "Name the server whose Authentication-Results header is believed."


def test_a_callback_goes_to_no_address_inside_the_house(client):
    assert "callback_url" in errors_of(channel_change(client, callback_url="https://10.0.0.1/hook"))


def test_a_weight_is_points_off_a_hundred_and_there_is_one_of_each(client):
    FactorWeight.objects.create(factor="urgency", weight=15)
    add = reverse("admin:agents_factorweight_add")
    assert (
        "A weight is 0 to 100 points" in errors_of(client.post(add, {"factor": "urgency", "weight": "300"}))["weight"]
    )
    told = errors_of(client.post(add, {"factor": "urgency", "weight": "20"}))
    assert told["factor"] == "This factor has a weight there already. Change that one."


def test_examples_of_a_category_are_written_one_a_line(client):
    form = {"key": "delivery", "title": "Delivery", "autonomy": "auto", "examples": "Where is it?\n\n It is late. \n"}
    inline = {f"weights-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    answer = client.post(reverse("admin:agents_category_add"), {**form, **inline})
    assert answer.status_code == 302, answer.context["adminform"].errors
    category = Category.objects.get(pk="delivery")
    assert category.examples == ["Where is it?", "It is late."]
    page = client.get(reverse("admin:agents_category_change", args=["delivery"])).content.decode()
    assert "Where is it?\nIt is late.</textarea>" in page


def test_what_changed_in_the_prompts_is_shown_line_by_line(client):
    prompts_remember()
    prompts_remember()
    now = PromptVersion.objects.get()
    assert now.digest == prompts_load().digest
    texts = {**now.texts, "system": now.texts["system"] + "\nNever say <maybe>."}
    PromptVersion.objects.create(digest="a" * 64, version="0", texts=texts)
    ran = {"state": "finished", "decision": "escalate", "score": 40, "finished_at": timezone.now()}
    Run.objects.create(scope="channel:outlook", prompt_hash="a" * 64, prompt_version="0", **ran)
    page = reverse("admin:agents_run_prompts_page")
    assert f"?before={'a' * 64}" in client.get(page).content.decode()
    shown = client.get(page, {"before": "a" * 64}).content.decode()
    assert '<span class="cq-diff-gone">- Never say &lt;maybe&gt;.</span>' in shown
    assert "The text of this version is not known" in client.get(page, {"before": "b" * 64}).content.decode()
    assert "Nothing: they say the same." in client.get(page, {"before": now.digest}).content.decode()
