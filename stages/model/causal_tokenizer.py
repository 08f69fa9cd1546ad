"""The tokenizer of a decoder-only model: as it is, with the prompt that its template renders."""

from pathlib import Path
from typing import Any

from stages.model.pretrained_tokenizer import check_belongs, read_by_transformers, tokenizer_of
from stages.model.prompt import RenderedPrompt, render_prompt, write_prompt
from stages.model.tokenizer import save_tokenizer
from stages.params import Language, Prompt


def save_causal_tokenizer(
    name: str, config: Any, settings: Prompt, *, language: Language, folder: Path
) -> RenderedPrompt:
    """Save the tokenizer of the model `name` and the prompt; no token is added: masks are text."""
    read = read_by_transformers(name)
    tokenizer, names = tokenizer_of(read, name)
    check_belongs(tokenizer, config, name)
    prompt = render_prompt(settings, read, name=name, language=language)
    save_tokenizer(tokenizer, {"pad_token": prompt.summary.after} | names, folder=folder)
    if read.chat_template:
        (folder / "chat_template.jinja").write_text(read.chat_template, encoding="utf-8")
    write_prompt(folder, prompt)
    return prompt
