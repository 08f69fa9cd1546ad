"""The prompt: what a decoder-only model reads around a dialogue, and what ends its summary.

Rendered once, by `tokenize`, with the chat template of the model's own tokenizer, and kept beside
the tokenizer: training, evaluation, submission, `summarize` and the demo read that one file.
"""

from pathlib import Path
from typing import Any, NamedTuple

from stages.command.errors import UserError
from stages.command.files import read_json, write_json
from stages.params import DIALOGUE, Language, Prompt

FILE = "prompt.json"
MARK, ANSWER = "DIALOGUE-STANDS-HERE", "SUMMARY-STANDS-HERE"
"""Stand in for the texts while a template is rendered."""
USER = {
    "ko": f"다음 대화를 요약하세요.\n\n{DIALOGUE}",
    "en": f"Summarize the following dialogue.\n\n{DIALOGUE}",
}
"""What `prompt.user: auto` is."""
PLAIN_ANSWER = {"ko": "\n\n요약:\n", "en": "\n\nSummary:\n"}
"""What asks a model without a chat template for a summary."""
Messages = list[dict[str, str]]


class Around(NamedTuple):
    """What stands before and after a text."""

    before: str
    after: str


class RenderedPrompt(NamedTuple):
    """What stands around a dialogue and around its summary."""

    dialogue: Around
    summary: Around
    messages: Messages | None = None
    """What the chat template was given, with `{dialogue}` in it; None where there is no template.
    """


def render_prompt(
    settings: Prompt, chat_tokenizer: Any, *, name: str, language: Language
) -> RenderedPrompt:
    """Return the prompt as the tokenizer's chat template has it, or plainly where it has none.

    Raises `UserError` where the template raises, drops the system message or changes a dialogue.
    """
    user = USER[language] if settings.user == "auto" else settings.user
    if not chat_tokenizer.chat_template:
        return plain_prompt(settings.system, user, chat_tokenizer, name=name, language=language)
    messages = [{"role": "user", "content": user}]
    if settings.system:
        messages.insert(0, {"role": "system", "content": settings.system})
    given = _with_dialogue(messages, MARK)
    switches = {"enable_thinking": settings.thinking}
    before, after = _halves(
        _render(chat_tokenizer, given, name, add_generation_prompt=True, **switches), MARK, name
    )
    if settings.system and settings.system.strip() not in before + after:
        raise UserError(
            f"prompt.system: the chat template of {name} leaves it out; write it into prompt.user"
        )
    answered = [*given, {"role": "assistant", "content": ANSWER}]
    _, rest = _halves(_render(chat_tokenizer, answered, name, **switches), ANSWER, name)
    end = _first_special(rest, chat_tokenizer, name)
    return RenderedPrompt(Around(before, after), Around("", end), messages)


def plain_prompt(
    system: str, user: str, tokenizer: Any, *, name: str, language: Language
) -> RenderedPrompt:
    """Return a prompt without a template: the texts, a heading, and the tokenizer's own marks."""
    before, after = (f"{system}\n\n{user}" if system else user).split(DIALOGUE)
    begins = tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
    beginning = tokenizer.bos_token if begins else ""
    if tokenizer.eos_token is None:
        raise UserError(
            f"model.name: {name} has no eos_token in its tokenizer_config.json: add it there"
        )
    return RenderedPrompt(
        Around(beginning + before, after + PLAIN_ANSWER[language]), Around("", tokenizer.eos_token)
    )


def write_prompt(folder: Path, prompt: RenderedPrompt) -> None:
    """Write the prompt beside the tokenizer."""
    write_json(folder / FILE, prompt._asdict())


def read_prompt(folder: Path) -> RenderedPrompt | None:
    """Read the prompt beside a tokenizer; None where the model reads bare dialogues."""
    if not (folder / FILE).exists():
        return None
    content = read_json(folder / FILE, made_by="dvc repro", has=["dialogue", "summary", "messages"])
    dialogue, summary = Around(*content["dialogue"]), Around(*content["summary"])
    return RenderedPrompt(dialogue, summary, content["messages"])


def _with_dialogue(messages: Messages, dialogue: str) -> Messages:
    return [one | {"content": one["content"].replace(DIALOGUE, dialogue)} for one in messages]


def _render(chat_tokenizer: Any, messages: Messages, name: str, **switches: bool) -> str:
    """Return what the template makes of messages."""
    from jinja2 import TemplateError

    def render(these: Messages) -> str:
        text: str = chat_tokenizer.apply_chat_template(these, tokenize=False, **switches)
        return text

    try:
        return render(messages)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
    if messages[0]["role"] == "system":
        try:
            render(messages[1:])
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError):
            pass
        else:
            raise UserError(
                f"prompt.system: the chat template of {name} has no system role ({reason}); write "
                "it into prompt.user"
            )
    raise UserError(
        f"model.name: the chat template of {name} cannot be rendered ({reason}); mend its "
        "chat_template.jinja, or remove the template to have the prompt without one"
    )


def _halves(rendered: str, mark: str, name: str) -> Around:
    before, found, after = rendered.partition(mark)
    if not found or mark in after:
        raise UserError(
            f"model.name: the chat template of {name} does not show a message once and as it is; "
            "mend its chat_template.jinja, or remove the template"
        )
    return Around(before, after)


def _first_special(text: str, tokenizer: Any, name: str) -> str:
    """Return the token that ends an answer in `text`, which is what follows the answer."""
    added = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    found = [(text.find(token), -len(token), token) for token in added if token and token in text]
    end: str | None = min(found)[2] if found else tokenizer.eos_token
    if end is None:
        raise UserError(
            f"model.name: the chat template of {name} ends an answer with no token, and its "
            "tokenizer_config.json names no eos_token: add it there"
        )
    return end
