"""The README.md of a model: what it was made from, how good it looked, how to use it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from stages.model.pretrained import find_file, split_base
from stages.model.prompt import RenderedPrompt
from stages.params import Language

CARD = """---
{metadata}
---

# Dialogue summarizer

{made}. The weights are those of epoch {epoch}, whose greedy decode of a fixed part of dev scored
{score} `rouge_mean` ({signature}); metrics/evaluate.json has the full score.

| data | md5 of the file read | rows used |
|---|---|---|
{read}

```json
{settings}
```

```python
{usage}
```
"""


ENCODER_DECODER = """from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

model = AutoModelForSeq2SeqLM.from_pretrained("models/summarizer")
tokenizer = AutoTokenizer.from_pretrained("models/summarizer")
dialogue = "{example}"
source = tokenizer(dialogue, return_tensors="pt")
summary = model.generate(
    source["input_ids"],
    attention_mask=source["attention_mask"],
    num_beams=4,
    max_new_tokens={most},
)
print(tokenizer.decode(summary[0]))"""
DECODER = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("models/summarizer")
tokenizer = AutoTokenizer.from_pretrained("models/summarizer")
dialogue = "{example}"
prompt = {before} + dialogue + {after}
source = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
written = model.generate(
    **source, max_new_tokens={most}, eos_token_id=tokenizer.convert_tokens_to_ids("{end}")
)
print(tokenizer.decode(written[0, source["input_ids"].shape[1] :], skip_special_tokens=True))"""
"""With transformers alone; an adapter needs peft and the base model besides."""

EXAMPLE: dict[Language, tuple[str, str]] = {
    "ko": ("#Person1#: 내일 몇 시에 볼까?", "#Person2#: 세 시에 역 앞에서 봐."),
    "en": ("#Person1#: When shall we meet?", "#Person2#: At three, at the station."),
}
"""Two turns to try the model with."""


def model_card(
    *,
    base: str,
    sections: Mapping[str, Any],
    data: Mapping[str, Any],
    best: tuple[float, float],
    signature: str,
    language: Language,
    turn_end: str,
    prompt: RenderedPrompt | None,
    longest_summary: int,
) -> str:
    """Return the card of a model whose best epoch and score `best` are.

    `data` is split → what `clean` says of it, `turn_end` what stands between two turns,
    `longest_summary` has so many tokens.
    """
    epoch, score = best
    return CARD.format(
        metadata=metadata(base=base, score=score, signature=signature, language=language),
        made="Trained from scratch" if base == "scratch" else f"Fine-tuned from `{base}`",
        epoch=f"{epoch:g}",
        score=f"{score:.2f}",
        signature=signature,
        read="\n".join(
            f"| `{name}` | `{split['md5']}` | {split['kept']} |" for name, split in data.items()
        ),
        settings=json.dumps(sections, indent=2, ensure_ascii=False),
        usage=usage(turn_end.join(EXAMPLE[language]), prompt, most=longest_summary),
    )


def usage(example: str, prompt: RenderedPrompt | None, *, most: int) -> str:
    """Return Python that summarizes `example` with transformers as the stages do."""
    if prompt is None:
        return ENCODER_DECODER.format(example=example, most=most)
    before, after = (json.dumps(text, ensure_ascii=False) for text in prompt.dialogue)
    end = prompt.summary.after
    return DECODER.format(example=example, before=before, after=after, end=end, most=most)


def metadata(*, base: str, score: float, signature: str, language: Language) -> str:
    """Return the YAML at the head of the card, in the names that the Hub reads."""
    result = EvalResult(
        task_type="summarization",
        dataset_type="dev",
        dataset_name="a part of dev, greedily decoded",
        metric_type="rouge",
        metric_name=f"rouge_mean ({signature})",
        metric_value=score,
    )
    card = ModelCardData(
        language=language,
        license=base_license(base),
        library_name="transformers",
        tags=["summarization", "dialogue"],
        # A folder of this machine is no name that the Hub knows.
        base_model=None if base == "scratch" or Path(base).exists() else split_base(base)[0],
        model_name="dialogue summarizer",
        eval_results=[result],
    )
    text: str = card.to_yaml()
    return text.strip()


def base_license(base: str) -> str | None:
    """Return the license that the base model's own card names, or None where it has none."""
    from huggingface_hub import ModelCard

    found = None if base == "scratch" else find_file(base, "README.md")
    if found is None:
        return None
    try:
        license_name: str | None = ModelCard.load(found, ignore_metadata_errors=True).data.license
    except (OSError, ValueError):  # somebody's README that is no card
        return None
    return license_name
