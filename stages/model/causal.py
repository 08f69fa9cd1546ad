"""Decoder-only models, as far as they differ from other kinds of models.

They read a prompt with the dialogue in it and go on with the summary: one sequence of tokens, of
which the summary's alone count. The same functions as those of `seq2seq.py`.
"""

import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    set_seed,
)

from stages.command.errors import UserError
from stages.model.adapter import four_bits
from stages.model.batches import IGNORED, at, labels_of, length_batches, pad_right, places_of
from stages.model.greedy import decode_greedily
from stages.model.hypothesis import Hypothesis, hypotheses_of
from stages.model.kinds import NO_BOUND, Room, room, set_declared_ids
from stages.model.pretrained import read_weights
from stages.model.trained import read_trained
from stages.params import Generate, Model


class Prompts(NamedTuple):
    """Some of the sources, padded on the left, as they are decoded together."""

    rows: list[int]
    """Their positions among all sources."""
    ids: torch.Tensor
    """`(batch, length)`"""
    mask: torch.Tensor
    """`(batch, length)`: 1 at tokens, 0 at padding."""


def build_model(settings: Model, *, end: int, pad: int, seed: int, dtype: torch.dtype) -> Any:
    """Return the model to fine-tune, on the CPU, or on the GPU where its weights have four bits.

    `end` is the token that ends a summary, `pad` fills a batch.
    """
    set_seed(seed)
    quantized = four_bits() if settings.quantize == "4bit" else {}
    model = read_weights(AutoModelForCausalLM, settings.base, dtype=dtype, **quantized)
    set_declared_ids(model.config, settings.base)
    model.config.pad_token_id = pad
    model.config.eos_token_id = end
    beginning = getattr(model.config, "bos_token_id", None)
    # Decoding is what the section `generate` says, and no temperature of somebody else's.
    model.generation_config = GenerationConfig(
        bos_token_id=beginning, eos_token_id=end, pad_token_id=pad
    )
    return model


def read_model(folder: Path) -> Any:
    """Read a model that the stage `train` wrote, ready to generate on the device at hand."""
    return read_trained(AutoModelForCausalLM, folder)


def row_lengths(rows: Any) -> list[int]:
    """Return the tokens of each row of a `datasets.Dataset`, by which rows are batched."""
    columns = rows["input_ids"], rows["labels"]
    return [len(source) + len(target) for source, target in zip(*columns, strict=True)]


def collate(
    rows: Sequence[dict[str, Any]], *, pad: int, most: Room = NO_BOUND
) -> dict[str, torch.Tensor]:
    """Join each row's prompt and summary, and pad them on the right to one length: `pad_right`.

    Returns `input_ids` and `labels`, both `(batch, length)`, labels -100 but for the summary, and
    `places`, where the summary's tokens stand.
    No mask: what stands on the right of a token takes no part in it.
    """
    pairs = [(row["input_ids"], target) for row, target in zip(rows, labels_of(rows), strict=True)]
    targets = [np.concatenate([np.full(len(source), IGNORED), target]) for source, target in pairs]
    labels = pad_right(targets, IGNORED, most=most.source)
    return {
        "input_ids": pad_right([np.concatenate(one) for one in pairs], pad, most=most.source),
        "labels": labels,
        "places": places_of(labels),
    }


def logits_of_summaries(model: Any, bare: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the vocabulary's logits for each token to learn, `(places, vocabulary)`.

    They are computed for those tokens alone: the head is handed what stands before each of them.
    `bare` is the model without what is wrapped around it for several devices.
    """
    hook = bare.get_output_embeddings().register_forward_pre_hook(
        lambda _head, hidden: (at(inputs["places"] - 1, hidden[0]),)
    )
    try:
        logits: torch.Tensor = model(input_ids=inputs["input_ids"], use_cache=False).logits
    finally:
        hook.remove()
    return logits


def check_length(config: Any, settings: Generate, *, longest: int) -> None:
    """Raise `UserError` where the longest source and its summary have no room."""
    positions = room(config).source
    if positions and longest + settings.max_new_tokens > positions:
        raise UserError(
            f"generate.max_new_tokens: this model has {positions} positions, too few for a prompt "
            f"of {longest} tokens and a summary of {settings.max_new_tokens}; lower it, or "
            "tokenize.max_source_tokens"
        )


def encode_batches(
    model: Any, sources: Sequence[Sequence[int]], *, tokens: int
) -> Iterator[Prompts]:
    """Yield `sources` batch by batch, padded on the left, for the summary follows on the right."""
    pad = model.config.pad_token_id
    for rows in length_batches([len(source) for source in sources], tokens=tokens):
        length = max(len(sources[i]) for i in rows)
        gaps = [length - len(sources[i]) for i in rows]
        ids = [[*[pad] * gap, *sources[i]] for i, gap in zip(rows, gaps, strict=True)]
        mask = [[0] * gap + [1] * (length - gap) for gap in gaps]
        on = model.device
        yield Prompts(rows, torch.tensor(ids, device=on), torch.tensor(mask, device=on))


@torch.inference_mode()
def decode_batch(model: Any, batch: Prompts, settings: Generate) -> list[list[int]]:
    """Return the ids of a summary for each row of a batch, without its end."""
    if settings.num_beams == 1 and takes_positions(model):
        return decode_greedily(
            model,
            batch.ids,
            batch.mask,
            max_new_tokens=settings.max_new_tokens,
            rules=_rules(batch, settings),
        )
    generated = model.generate(**_request(batch, settings))
    written: list[list[int]] = generated[:, batch.ids.shape[1] :].tolist()
    return [_to_its_end(ids, model.config.eos_token_id) for ids in written]


@torch.inference_mode()
def hypotheses(model: Any, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
    """Return all beams of one source, the best first: its ids are those that `generate` returns."""
    check_length(model.config, settings, longest=len(source))
    [batch] = encode_batches(model, [source], tokens=len(source))
    found = hypotheses_of(model, _request(batch, settings), settings)
    end = model.config.eos_token_id
    return [Hypothesis(_to_its_end(one.ids[len(source) :], end), one.score) for one in found]


class NoRepetition(LogitsProcessor):
    """`no_repeat_ngram_size` among the summary's own tokens: a dialogue's may be said again."""

    def __init__(self, size: int, *, prompt: int) -> None:
        """Take the size of the runs and the length of the prompt, in tokens."""
        self.rule, self.prompt = NoRepeatNGramLogitsProcessor(size), prompt

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores `(batch, vocabulary)` without those of a run's second end."""
        ruled: torch.Tensor = self.rule(ids[:, self.prompt :], scores)
        return ruled


def _request(batch: Prompts, settings: Generate) -> dict[str, Any]:
    """Return what transformers' `generate` is asked for."""
    return {
        "input_ids": batch.ids,
        "attention_mask": batch.mask,
        "num_beams": settings.num_beams,
        "length_penalty": settings.length_penalty if settings.num_beams > 1 else 1.0,
        "logits_processor": _rules(batch, settings),
        "max_new_tokens": settings.max_new_tokens,
        "do_sample": False,
    }


def _rules(batch: Prompts, settings: Generate) -> list[NoRepetition]:
    size = settings.no_repeat_ngram_size
    return [NoRepetition(size, prompt=batch.ids.shape[1])] if size else []


def takes_positions(model: Any) -> bool:
    """Tell whether a model can be told the positions of its tokens, as those behind padding are."""
    bare = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "position_ids" in inspect.signature(bare.forward).parameters


def _to_its_end(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids
