import pytest

from agents.errors import PromptInvalid
from agents.prompts import FOLDER, NAMES, Prompt, prompt_parse, prompts_load


def test_all_prompts_of_the_product_load_and_have_a_version():
    prompts = prompts_load()
    assert set(prompts.prompts) == set(NAMES)
    assert len(prompts.digest) == 64
    assert prompts.version.count("-") == len(NAMES) - 1


def test_another_text_has_another_digest(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.txt").write_text((FOLDER / f"{name}.txt").read_text())
    (tmp_path / "repair.txt").write_text("version: 2\nvariables: problem\n---\nAgain: {{problem}}")
    assert prompts_load(tmp_path).digest != prompts_load().digest


def test_a_missing_prompt_file_is_named(tmp_path):
    with pytest.raises(PromptInvalid, match=r"system\.txt"):
        prompts_load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "source",
    [
        "no head at all",
        "version: 1\n---\ntext",
        "version: 1\nvariables: a\n---\nno variable",
        "version: 1\nvariables:\n---\nuses {{a}}",
        "version: 1\nvariables: a\nowner: me\n---\n{{a}}",
    ],
)
def test_a_head_that_does_not_fit_its_text_is_refused(source):
    with pytest.raises(PromptInvalid, match="'gather'"):
        prompt_parse("gather", source)


@pytest.mark.parametrize("values", [{}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_missing_and_unknown_values_are_refused(values):
    with pytest.raises(PromptInvalid):
        Prompt("gather", "1", frozenset({"a", "b"}), "{{a}} {{b}}").fill(**values)


def test_a_value_that_looks_like_a_variable_is_left_alone():
    assert Prompt("x", "1", frozenset({"a", "b"}), "{{a}} {{b}}").fill(a="{{b}}", b="2") == "{{b}} 2"


def test_the_system_prompt_takes_no_variable_so_nothing_untrusted_can_enter_it():
    assert prompts_load().prompts["system"].variables == frozenset()


def test_other_prompts_load_the_same_way(tmp_path):
    (tmp_path / "task.txt").write_text("version: 7\nvariables: a\n---\nDo {{a}}.")
    prompts = prompts_load(tmp_path, ("task",))
    assert prompts.fill("task", a="it") == "Do it."
    assert prompts.version == "7"
