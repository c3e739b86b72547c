"""The case page in a real Chromium: one consultant from the queue to the customer's chat, two at the same case, the
second thoughts, and the keyboard alone."""

import json
import re
import uuid

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import Complaints, say, screenshot, tab_to
from tests.browser.test_console import COMPLAINT, log_in
from tests.running import RunningSystem

pytestmark = [pytest.mark.browser, pytest.mark.process]

PERSON = "I want to speak with a person about my broken lamp, please."


@pytest.fixture
def second_device(chromium: Browser, running_system: RunningSystem):
    """A browser of somebody else. What it complains about is looked at by the test that uses it."""
    context = chromium.new_context(base_url=running_system.base_url, viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def mail(api, subject: str = "Third delivery date missed", text: str = COMPLAINT) -> dict:
    """A mail that ends with people, as the API tells about it."""
    body = {
        "channel_id": "outlook",
        "user_id": "olivia.brooks@example.net",
        "subject": f"{subject} {uuid.uuid4().hex[:6]}",
        "message": text,
    }
    document = api.post("/api/v1/query", json=body, headers={"Prefer": "wait=20"}).raise_for_status().json()
    assert document["status"] == "escalated", document
    return {**document, "subject": body["subject"]}


def write_again(api, document: dict, text: str) -> None:
    """The customer writes while people have the matter."""
    body = {
        "channel_id": "outlook",
        "user_id": "olivia.brooks@example.net",
        "subject": f"Re: {document['subject']}",
        "message": text,
        "conversation_id": document["conversation_id"],
    }
    api.post("/api/v1/query", json=body).raise_for_status()


def address(document: dict) -> str:
    return f"/admin/conversations/escalation/{document['escalation_id']}/change/"


def editor(page: Page):
    return page.locator("#reply-text")


def sent(page: Page) -> None:
    """The seconds to take it back pass, and the page shows by itself that the reply is out."""
    expect(page.get_by_test_id("held")).to_be_visible()
    expect(page.get_by_test_id("outcome")).to_contain_text("Reply sent", timeout=40_000)


def test_from_the_queue_to_the_chat_of_the_customer(device: BrowserContext, second_device, running_system):
    chat = second_device.new_page()
    chat.goto("/chat/")
    say(chat, PERSON)
    expect(chat.locator("#state")).to_contain_text("With a person", timeout=30_000)
    reference = chat.locator("#number").inner_text()

    page = log_in(device, running_system, "consultant")
    _claim_next_until(page, reference)
    expect(page.get_by_test_id("state")).to_have_text("Assigned")
    editor(page).fill("I am Robin, a person.\n\nA **new lamp** is on its way to you.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("new lamp")
    page.get_by_role("button", name="Write").click()
    page.get_by_role("button", name="Send reply").click()
    sent(page)

    expect(chat.locator("#thread li").last).to_contain_text("A new lamp is on its way to you.", timeout=20_000)


def _claim_next_until(page: Page, reference: str) -> None:
    """Take the next case until it is ours: others in the demo may be more urgent."""
    for _ in range(40):
        page.goto("/admin/queue/")
        page.get_by_role("button", name="Take the next one").click()
        page.wait_for_url("**/change/")
        if page.locator(".cq-ref").first.inner_text() == reference:
            return
    raise AssertionError("the next one was never ours")


def test_two_at_one_case_overwrite_nothing(device: BrowserContext, second_device, running_system, api):
    document = mail(api)
    first = log_in(device, running_system, "consultant")
    second = log_in(second_device, running_system, "admin")
    first.goto(address(document))
    second.goto(address(document))
    expect(first.locator("#people")).to_contain_text("is viewing", timeout=15_000)
    first.locator("#noting > summary").click()
    first.locator("#note-text").fill("I have it.")
    first.get_by_role("button", name="Keep note").click()
    expect(second.locator("#news")).to_contain_text("A colleague has left a note", timeout=15_000)
    expect(second.locator("#thread .cq-note")).to_contain_text("I have it.")
    editor(first).fill("The first answer.")
    editor(second).fill("")
    editor(second).press_sequentially("The second answer.")
    expect(first.locator("#people")).to_contain_text("is typing")

    first.get_by_role("button", name="Send reply").click()
    expect(first.get_by_test_id("held")).to_be_visible()
    expect(second.locator("#news")).to_contain_text("This case has changed", timeout=15_000)
    assert editor(second).input_value() == "The second answer."
    second.get_by_role("button", name="Send reply").click()
    expect(second.get_by_test_id("conflict")).to_be_visible()
    expect(second.locator("textarea[readonly]").first).to_have_value("The second answer.")
    screenshot(second, "case-conflict")

    sent(first)
    messages = api.get(f"/api/v1/conversations/{document['conversation_id']}/messages").raise_for_status().json()
    texts = [message["text"] for message in messages["messages"] if message["author"] == "consultant"]
    assert texts == ["The first answer."]


def test_what_the_customer_writes_comes_in_without_touching_the_editor(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    editor(page).fill("A careful answer.")
    write_again(api, document, "One more thing: please leave it with my neighbour.")

    expect(page.locator("#news")).to_contain_text("The customer has written again", timeout=20_000)
    expect(page.locator("#thread")).to_contain_text("leave it with my neighbour")
    assert editor(page).input_value() == "A careful answer."

    page.get_by_role("button", name="I have read it").click()
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(editor(page)).to_have_value("A careful answer.")


def test_what_the_customer_wrote_just_before_a_note_is_shown_with_it(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    state = {"newest": 0, "stamp": page.locator("#case").get_attribute("data-stamp")}
    page.route("**/state/", lambda route: route.fulfill(json=state))  # so that the page hears of nothing by itself
    write_again(api, document, "Please leave it with my neighbour.")
    page.locator("#noting > summary").click()
    page.locator("#note-text").fill("I have it.")
    page.get_by_role("button", name="Keep note").click()

    expect(page.locator("#thread .cq-note")).to_contain_text("I have it.")
    expect(page.locator("#thread .cq-message").nth(-2)).to_contain_text("leave it with my neighbour")
    expect(page.locator("#news")).to_contain_text("The customer has written again")
    page.get_by_role("button", name="I have read it").click()
    editor(page).fill("I have told the driver.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_test_id("held")).to_be_visible()


def test_a_second_thought_takes_the_reply_back(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    editor(page).fill("Sent too early.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_test_id("toast")).to_contain_text(re.compile(r"in \d+ s"))
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    screenshot(page, "case-held")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Taken back. Nothing was sent.")).to_be_visible()
    expect(editor(page)).to_have_value("Sent too early.")
    page.wait_for_timeout(12_000)
    messages = api.get(f"/api/v1/conversations/{document['conversation_id']}/messages").raise_for_status().json()
    assert [one for one in messages["messages"] if one["author"] == "consultant"] == []


def test_an_unsent_text_is_there_again_after_a_reload_and_gone_once_it_is_sent(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    suggestion = editor(page).input_value()
    editor(page).fill("Half a thought")
    page.reload()
    expect(editor(page)).to_have_value("Half a thought")
    expect(page.locator("#kept")).to_contain_text("Your unsent text is back")
    page.get_by_role("button", name="Use what is suggested instead").click()
    expect(editor(page)).to_have_value(suggestion)
    editor(page).fill("A whole thought")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cq-draft:'))") == []


def test_a_macro_goes_below_the_suggestion_until_somebody_has_been_in_it(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    suggestion = editor(page).input_value()
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    text = editor(page).input_value()
    assert text.startswith(suggestion)
    assert "{" not in text[len(suggestion) :]  # its fields are filled in
    expect(editor(page)).to_be_focused()

    page.keyboard.press("Control+Home")
    page.locator("#macros > summary").click()
    page.locator("#macros [data-insert]").last.click()
    assert editor(page).input_value().endswith(text)


def test_from_the_login_over_the_queue_to_a_resolved_case_by_keyboard_alone(device, running_system, api):
    document = mail(api, "Is somebody there")
    page = device.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    keys = page.keyboard
    _log_in_by_keyboard(page, running_system)
    tab_to(page, page.get_by_role("link", name=re.compile("Queue( \\d+)?$")).first)
    keys.press("Enter")
    page.wait_for_url("**/admin/queue/")
    _find_and_open_by_keyboard(page, document)
    _answer_by_keyboard(page)
    _resolve_by_keyboard(page)
    keys.press("g")
    keys.press("q")
    page.wait_for_url("**/admin/queue/**")


def _log_in_by_keyboard(page: Page, system: RunningSystem) -> None:
    logins = json.loads((system.home / "demo-credentials.json").read_text())
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(logins["consultant_user"])
    page.keyboard.press("Tab")
    page.keyboard.type(logins["consultant_password"])
    page.keyboard.press("Enter")
    expect(page.locator("[data-home]")).to_be_visible()


def _find_and_open_by_keyboard(page: Page, document: dict) -> None:
    keys, word = page.keyboard, document["subject"].split()[-1]
    _help_opens_and_closes(page)
    keys.press("/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    keys.type(word)
    keys.press("Enter")
    expect(page).to_have_url(re.compile(f"q={word}"))
    page.wait_for_load_state()
    keys.press("j")
    expect(page.locator(f"tr[data-id={document['escalation_id']}] [data-open]")).to_be_focused()
    keys.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_text("1 selected")).to_be_hidden()
    keys.press("Enter")
    expect(page.get_by_test_id("state")).to_have_text("Open")
    page.wait_for_load_state()  # its scripts have run


def _answer_by_keyboard(page: Page) -> None:
    keys = page.keyboard
    _help_opens_and_closes(page)
    keys.press("c")
    expect(page.get_by_test_id("state")).to_have_text("Assigned")
    page.wait_for_load_state()
    keys.press("n")
    keys.type("Called the depot: Friday.")
    keys.press("Control+Enter")
    expect(page.locator("#thread .cq-note")).to_contain_text("Called the depot: Friday.")
    keys.press("Escape")
    keys.press("r")
    keys.press("Control+a")
    keys.type("Your table comes on Friday.")
    tab_to(page, page.locator("#then"))
    keys.press("ArrowDown")  # and wait for the customer
    keys.press("Shift+Tab")
    expect(page.get_by_role("button", name="Send reply")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_test_id("held")).to_be_visible()
    expect(page.get_by_test_id("state")).to_have_text("Waiting for the customer", timeout=40_000)
    page.wait_for_load_state()


def _resolve_by_keyboard(page: Page) -> None:
    keys = page.keyboard
    keys.press("e")
    expect(page.locator("#resolution")).to_be_focused()
    keys.press("Tab")
    keys.type("Told her the day.")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_test_id("outcome")).to_contain_text("Solved")
    page.wait_for_load_state()


def _help_opens_and_closes(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_knowledge_notes_and_suggestions_help_without_a_reload(device, running_system, api):
    document = mail(api)
    page = log_in(device, running_system, "consultant")
    page.goto(address(document))
    editor(page).fill("")
    page.get_by_label("Ask the knowledge base").fill("how long does the delivery of furniture take")
    page.keyboard.press("Enter")
    expect(page.locator("#found .cq-passage").first).to_be_visible(timeout=20_000)
    page.locator("#found .cq-passage:not(:has(.cq-chip-internal))").first.locator("summary").click()
    page.locator("#found [data-insert]").first.dispatch_event("click")
    assert len(editor(page).input_value()) > 20

    page.get_by_role("button", name=re.compile("Regenerate|Suggest a reply")).click()
    offer = page.get_by_test_id("suggestion")
    expect(offer).to_have_attribute("data-state", re.compile("done|failed"), timeout=40_000)
    typed = editor(page).input_value()
    if offer.get_attribute("data-state") == "done":
        offer.get_by_text("Use this").click()
        assert editor(page).input_value() != typed
        page.get_by_role("button", name="Back to my text").click()
    expect(editor(page)).to_have_value(typed)

    page.locator("summary", has_text="What was done with this case").click()
    expect(page.locator(".cq-trail")).to_contain_text("asked for a suggestion")
    page.locator("summary", has_text="Elsewhere").click()
    expect(page.locator("#part-around")).to_contain_text("May be the same person")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 800)])
def test_the_page_has_no_barriers_and_does_not_scroll_sideways(device, running_system, api, scheme, width, height):
    document = mail(api)
    page = log_in(device, running_system, "admin")
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    page.goto(address(document))
    for words in ("What was done with this case", "Elsewhere"):
        page.locator("summary", has_text=words).click()
    expect(page.locator(".cq-trail")).to_be_visible()
    expect(page.locator("#part-around")).to_contain_text("May be the same person")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    screenshot(page, f"case-{scheme}-{width}")


def test_without_javascript_a_case_is_claimed_noted_answered_and_resolved(chromium, running_system, api):
    document = mail(api)
    context = chromium.new_context(base_url=running_system.base_url, java_script_enabled=False)
    page = context.new_page()
    complaints = Complaints()
    complaints.watch(page)
    logins = json.loads((running_system.home / "demo-credentials.json").read_text())
    page.goto(address(document))
    page.get_by_label("Username").fill(logins["consultant_user"])
    page.get_by_label("Password").fill(logins["consultant_password"])
    page.get_by_role("button", name="Log in").click()
    page.locator("button[name=do][value=claim]").click()
    expect(page.get_by_test_id("state")).to_have_text("Assigned")
    page.locator("#noting > summary").click()
    page.locator("#note-text").fill("By hand.")
    page.locator("button[name=do][value=note]").click()
    expect(page.locator("#thread .cq-note")).to_contain_text("By hand.")
    page.locator("#reply-text").fill("Here you are.")
    page.locator("#then").select_option("waiting")
    page.locator("button[name=do][value=send]").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    for _ in range(60):
        page.wait_for_timeout(500)
        page.reload()
        if page.get_by_test_id("state").inner_text() == "Waiting for the customer":
            break
    page.locator("#resolve > summary").click()
    page.locator("#resolution").select_option("solved")
    page.locator("button[name=do][value=resolve]").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("Solved")
    context.close()
