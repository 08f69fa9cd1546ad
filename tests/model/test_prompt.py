import json
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from stages.command.errors import UserError
from stages.model.prompt import RenderedPrompt, read_prompt, render_prompt, write_prompt
from stages.params import Prompt
from tests.model.kinds_causal import CHATML, GEMMA2, LLAMA3, QWEN3, SMOLLM2
from tests.model.vocabularies import byte_level

LLAMA3_TOKENS = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|eot_id|>"]
GEMMA2_TOKENS = ["<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"]
USER = "요약:\n{dialogue}\n끝"


def tokenizer(template: str | None, tokens: list[str]) -> Any:
    return PreTrainedTokenizerFast(
        tokenizer_object=byte_level(("가나다",), tokens),
        chat_template=template,
        bos_token=tokens[0],
        eos_token=tokens[1],
    )


def rendered(
    template: str | None, tokens: list[str], *, thinking: bool = False, system: str = ""
) -> RenderedPrompt:
    settings = Prompt(system=system, user=USER, thinking=thinking)
    return render_prompt(
        settings, tokenizer(template, tokens), name="somebody/model", language="ko"
    )


def test_smollm2_has_a_system_message_of_its_own() -> None:
    before, after = rendered(SMOLLM2, CHATML).dialogue
    assert before == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\n요약:\n"
    )
    assert after == "\n끝<|im_end|>\n<|im_start|>assistant\n"


def test_a_system_message_stands_where_the_template_has_it() -> None:
    before, _ = rendered(SMOLLM2, CHATML, system="짧게 쓴다.").dialogue
    assert before == "<|im_start|>system\n짧게 쓴다.<|im_end|>\n<|im_start|>user\n요약:\n"


@pytest.mark.parametrize(
    ("thinking", "last"), [(False, "assistant\n<think>\n\n</think>\n\n"), (True, "assistant\n")]
)
def test_qwen3_thinks_only_where_it_may(thinking: bool, last: str) -> None:
    prompt = rendered(QWEN3, CHATML, thinking=thinking)
    assert prompt.dialogue.after == f"\n끝<|im_end|>\n<|im_start|>{last}"


@pytest.mark.parametrize(
    ("template", "tokens", "begins", "end"),
    [
        (SMOLLM2, CHATML, "<|im_start|>system", "<|im_end|>"),
        (QWEN3, CHATML, "<|im_start|>user", "<|im_end|>"),
        (LLAMA3, LLAMA3_TOKENS, "<|begin_of_text|><|start_header_id|>user", "<|eot_id|>"),
        (GEMMA2, GEMMA2_TOKENS, "<bos><start_of_turn>user", "<end_of_turn>"),
        # An answer that no token of its own ends: the text's end does.
        (
            "{% for m in messages %}[INST] {{ m['content'] }}{% endfor %}",
            CHATML,
            "[INST]",
            CHATML[1],
        ),
    ],
)
def test_a_summary_ends_as_the_template_ends_an_answer(
    template: str, tokens: list[str], begins: str, end: str
) -> None:
    prompt = rendered(template, tokens)
    assert prompt.dialogue.before.startswith(begins)
    assert prompt.summary == ("", end)


def test_the_prompt_is_what_apply_chat_template_gives_for_a_dialogue() -> None:
    dialogue = "#Person1#: 안녕? {괄호} <b>\n#Person2#: 응."
    for template, tokens in [(SMOLLM2, CHATML), (QWEN3, CHATML), (LLAMA3, LLAMA3_TOKENS)]:
        asked = [{"role": "user", "content": USER.replace("{dialogue}", dialogue)}]
        theirs = tokenizer(template, tokens).apply_chat_template(
            asked, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        before, after = rendered(template, tokens).dialogue
        assert before + dialogue + after == theirs


def test_without_a_template_the_prompt_is_plain_text() -> None:
    prompt = rendered(None, CHATML, system="짧게 쓴다.")
    assert prompt.dialogue == ("짧게 쓴다.\n\n요약:\n", "\n끝\n\n요약:\n")
    assert prompt.summary == ("", CHATML[1])
    assert prompt.messages is None


def test_a_plain_prompt_begins_as_the_tokenizer_begins() -> None:
    from tokenizers.processors import TemplateProcessing

    plain = tokenizer(None, CHATML)
    plain.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{CHATML[0]} $A", special_tokens=[(CHATML[0], 0)]
    )
    settings = Prompt(system="", user="{dialogue}", thinking=False)
    prompt = render_prompt(settings, plain, name="somebody/model", language="en")
    assert prompt.dialogue == (CHATML[0], "\n\nSummary:\n")


@pytest.mark.parametrize(
    ("template", "system", "sentence"),
    [
        (GEMMA2, "짧게.", r"^prompt\.system: .* has no system role \(System role not supported\)"),
        ("{{ messages[-1]['content'] }}", "짧게.", r"^prompt\.system: .* leaves it out"),
        (
            "{{ raise_exception('Not today') }}",
            "",
            r"^model\.name: .* cannot be rendered \(Not",
        ),
        ("{{ messages[0]['content'] | lower }}", "", r"does not show a message once and as it is"),
        ("{% if %}", "", r"cannot be rendered"),
        ("nothing", "", r"does not show a message once"),
    ],
)
def test_a_template_that_cannot_serve_is_told(template: str, system: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as told:
        rendered(template, CHATML, system=system)
    assert "\n" not in str(told.value)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    prompt = rendered(QWEN3, CHATML, system="짧게 쓴다.")
    write_prompt(tmp_path, prompt)
    assert read_prompt(tmp_path) == prompt
    assert json.loads((tmp_path / "prompt.json").read_text(encoding="utf-8"))["messages"][0] == {
        "role": "system",
        "content": "짧게 쓴다.",
    }


def test_a_model_without_a_prompt_has_none(tmp_path: Path) -> None:
    assert read_prompt(tmp_path) is None


@pytest.mark.parametrize("user", ["요약하라", "{dialogue} {dialogue}", "{dialog}"])
def test_a_message_has_the_dialogue_once(user: str) -> None:
    with pytest.raises(ValueError, match="should be auto or hold"):
        Prompt(system="", user=user, thinking=False)
