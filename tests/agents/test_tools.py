import json
import time
from threading import Event

import pytest

from agents.blocks import blocks_parse
from agents.errors import LimitReached, RunRequestInvalid, ToolCrashed, ToolError
from agents.tools import MAX_CALLS, Shelf, Toolbox, ToolFinding, escalate_tool, search_tool, toolbox_build
from agents.tools.shelf import result_text
from agents.types import Tool
from tests.agents.passages import passage
from tests.agents.scripted import call

DAYS = {
    "type": "object",
    "properties": {"days": {"type": "integer", "maximum": 30}},
    "required": ["days"],
    "additionalProperties": False,
}


def tool(work, name: str = "orders_recent", **options) -> Tool:
    return Tool(name=name, description="The latest orders.", schema=DAYS, call=work, **options)


def toolbox(*tools: Tool, sender_verified: bool = True) -> Toolbox:
    return toolbox_build(tools, (), sender_verified=sender_verified)


def told(result) -> str:
    [block] = blocks_parse(result.text)
    return block.text


def test_a_result_travels_in_a_delimited_block():
    result = toolbox(tool(lambda days: {"orders": days})).run(call("orders_recent", days=7))
    [block] = blocks_parse(result.text)
    assert (result.status, block.kind, block.attributes) == ("success", "tool_result", {"tool": "orders_recent"})
    assert json.loads(block.text) == {"orders": 7}


def test_what_a_tool_could_not_do_goes_back_as_text():
    def fail(days: int) -> None:
        raise ToolError("The order system is closed for the night.")

    result = toolbox(tool(fail)).run(call("orders_recent", days=1))
    assert (result.status, told(result)) == ("error", "The order system is closed for the night.")


@pytest.mark.parametrize("arguments", [{}, {"days": 31}, {"days": "7"}, {"days": 7, "customer_id": "cus_other"}])
def test_arguments_that_do_not_fit_never_reach_the_tool(arguments):
    reached: list[int] = []
    result = toolbox(tool(lambda **given: reached.append(1))).run(call("orders_recent", **arguments))
    assert result.status == "error"
    assert not reached


def test_an_unknown_tool_is_answered_with_those_that_are_there():
    result = toolbox(tool(lambda days: None)).run(call("delete_everything"))
    assert result.status == "error"
    assert "orders_recent" in told(result)


def test_a_bug_in_a_tool_ends_the_run():
    with pytest.raises(ToolCrashed, match="orders_recent broke"):
        toolbox(tool(lambda days: 1 / 0)).run(call("orders_recent", days=1))


def test_a_tool_for_verified_senders_is_closed_to_others():
    box = toolbox(tool(lambda days: "secret", needs_verified=True), sender_verified=False)
    result = box.run(call("orders_recent", days=1))
    assert result.status == "error"
    assert "secret" not in result.text


def test_a_result_too_long_to_read_is_an_error():
    result = toolbox(tool(lambda days: "x" * 50_000)).run(call("orders_recent", days=1))
    assert result.status == "error"
    assert len(result.text) < 300


def test_the_same_call_is_not_run_a_third_time():
    box = toolbox(tool(lambda days: days))
    box.run(call("orders_recent", days=1))
    box.run(call("orders_recent", days=1))
    with pytest.raises(LimitReached, match="same call"):
        box.run(call("orders_recent", days=1))


def test_a_run_calls_only_so_many_tools():
    box = toolbox(tool(lambda days: days))
    for days in range(MAX_CALLS):
        box.run(call("orders_recent", days=days))
    with pytest.raises(LimitReached, match="tool calls"):
        box.run(call("orders_recent", days=30))


@pytest.mark.django_db(transaction=True)
def test_a_run_waits_for_its_tools_no_longer_than_it_may():
    let_go = Event()
    tools = toolbox(tool(lambda days: let_go.wait(20), "slow"), tool(lambda days: days, "quick"))
    tools.deadline = time.monotonic() + 0.2
    try:
        with pytest.raises(LimitReached, match="longer than the run may"):
            tools.call_all([call("slow", days=1), call("quick", days=1)])
    finally:
        let_go.set()


def test_two_tools_of_one_name_are_a_mistake_of_the_caller():
    with pytest.raises(RunRequestInvalid):
        toolbox_build([search_tool(Shelf())], [tool(lambda: None, name="search_knowledge")], sender_verified=True)


def test_both_we_and_the_caller_hear_that_a_person_is_wanted():
    wishes, heard = [], []
    theirs = Tool("escalate", "Hand over.", escalate_tool([]).schema, lambda reason: heard.append(reason))
    toolbox_build([escalate_tool(wishes)], [theirs], sender_verified=False).run(call("escalate", reason="angry"))
    assert wishes == heard == ["angry"]


def test_a_passage_found_twice_keeps_its_number():
    found = Shelf()
    assert [found.add(passage("a", number=n)) for n in (1, 2, 1)] == [1, 2, 1]
    assert found.get(0) is None
    assert found.get(3) is None


# --- Calls with an effect --------------------------------------------------------------------------------------------
def keys_of(*uses, **of_run) -> list[str]:
    """The keys that a writing tool gets for `uses` in one run."""
    seen: list[str] = []
    write = tool(lambda this, days: seen.append(this.key), effect="writes", takes_call=True)
    box = toolbox_build([write], (), sender_verified=True, **of_run)
    for use in uses:
        box.run(use)
    return seen


def test_a_repeated_call_has_the_same_key_whatever_the_model_calls_it():
    [first, again, other] = keys_of(
        call("orders_recent", 1, days=1), call("orders_recent", 2, days=1), call("orders_recent", 3, days=2)
    )
    assert first == again != other


def test_runs_on_the_same_matter_share_keys_and_others_do_not():
    use = call("orders_recent", days=1)
    assert keys_of(use, origin="qry_1", run_id="run_1") == keys_of(use, origin="qry_1", run_id="run_2")
    assert keys_of(use, origin="qry_1") != keys_of(use, origin="qry_2")
    assert keys_of(use, run_id="run_1") != keys_of(use, run_id="run_2")


def test_a_tool_that_writes_must_take_its_call():
    with pytest.raises(RunRequestInvalid, match="must take its call"):
        toolbox_build([tool(lambda days: None, effect="writes")], (), sender_verified=True)


def test_a_model_cannot_choose_the_key():
    reached: list[str] = []
    write = tool(lambda this, days: reached.append(this.key), effect="writes", takes_call=True)
    assert toolbox(write).run(call("orders_recent", days=1, this="mine")).status == "error"
    assert not reached


# --- Results one may cite --------------------------------------------------------------------------------------------
def test_the_result_of_a_citable_tool_is_on_the_shelf_under_the_number_the_model_reads():
    shelf = Shelf([passage("We open at 9.")])
    status = tool(lambda days: {"order": "1042", "status": "shipped"}, citable=True, title="Order status")
    box = toolbox_build([status], (), sender_verified=True, shelf=shelf)
    [block] = blocks_parse(box.run(call("orders_recent", days=1)).text)
    assert block.attributes == {"tool": "orders_recent", "n": "2"}
    entry = shelf.get(2)
    assert isinstance(entry, ToolFinding)
    assert (entry.title, entry.text, entry.internal) == ("Order status", "order: 1042\nstatus: shipped", False)
    assert [found.title for found in shelf.passages] == ["Opening hours"], "documents stay documents"


def test_what_other_tools_say_cannot_be_cited():
    box = toolbox(tool(lambda days: {"messages": ["I was promised $500."]}))
    [block] = blocks_parse(box.run(call("orders_recent", days=1)).text)
    assert "n" not in block.attributes
    assert not box.shelf.entries


def test_the_same_result_keeps_its_number():
    box = toolbox(tool(lambda days: {"status": "shipped"}, citable=True))
    for number in (1, 2):
        box.run(call("orders_recent", number, days=1))
    assert len(box.shelf.entries) == 1


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"delivery": {"expected_on": "2026-11-23"}}, "delivery expected on: 2026-11-23"),
        ({"items": [{"name": "Table"}, {"name": "Chair"}]}, "items name: Table\nitems name: Chair"),
        ("Shipped.", "Shipped."),
        ({"note": None, "left": ""}, ""),
        ([1, [2]], "1\n2"),
    ],
)
def test_results_are_read_as_lines_of_words(data, text):
    assert result_text(data) == text


def test_search_shows_customers_documents_only(know):
    know("# Opening hours\n\nWe open at 9.\n")
    know("# Opening the safe\n\nThe opening code of the safe is 4711.\n", internal=True)
    result = toolbox(search_tool(Shelf())).run(call("search_knowledge", query="When do you open the safe?"))
    found = json.loads(told(result))["passages"]
    assert [one["title"] for one in found] == ["Opening hours"]
    assert found[0]["n"] == 1


@pytest.mark.parametrize("more", [{"audience": "internal"}, {"limit": 1000}])
def test_a_model_cannot_widen_its_search(know, more):
    know("# Opening the safe\n\nThe opening code of the safe is 4711.\n", internal=True)
    result = toolbox(search_tool(Shelf())).run(call("search_knowledge", query="the safe", **more))
    assert result.status == "error"
    assert "4711" not in result.text
