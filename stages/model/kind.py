"""Which functions a model has: each kind is one file behind the same few of them.

`read_model`, `row_lengths`, `collate`, `logits_of_summaries`, `check_length`, `encode_batches`,
`decode_batch` and `hypotheses`; `build_model` differs in what a kind has to be told.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from stages.model import causal, seq2seq
from stages.model.adapter import add_adapter
from stages.model.kinds import is_causal
from stages.model.prompt import read_prompt
from stages.model.tokenizer import encode, pad_id, read_tokenizer
from stages.model.trained import frozen_dtype, trained_config
from stages.params import Lora, Model


def kind_of(config: Any) -> ModuleType:
    """Return the file of functions for models with this configuration."""
    return causal if is_causal(config) else seq2seq


def auto_class(folder: Path) -> Any:
    """Return the class of transformers that reads the model in `folder`."""
    return AutoModelForCausalLM if is_causal(trained_config(folder)) else AutoModelForSeq2SeqLM


def build_model(
    settings: Model, lora: Lora, *, folder: Path, positions: int, seed: int, precision: str
) -> Any:
    """Return the model to fine-tune, with an adapter where there is to be one.

    `folder` has its tokenizer, `positions` is the longest text in tokens that it must take.
    """
    tokenizer, prompt = read_tokenizer(folder), read_prompt(folder)
    dtype = frozen_dtype(precision) if lora.rank else torch.float32
    if prompt:
        [end] = encode(tokenizer, [""], max_tokens=2, around=prompt.summary)
        model = causal.build_model(
            settings, end=end.ids[-1], pad=pad_id(folder), seed=seed, dtype=dtype
        )
    else:
        model = seq2seq.build_model(
            settings,
            tokenizer=tokenizer,
            positions=positions,
            seed=seed,
            dtype=dtype,
            frozen=lora.rank > 0,
        )
    return add_adapter(model, lora, name=settings.name) if lora.rank else model
