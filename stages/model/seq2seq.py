"""Encoder-decoders, as far as they differ from other kinds of models.

Build, save, read, collate, the logits of the loss, encode, decode: the rest of this folder and the
stages reach a model of this kind through these functions alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForSeq2SeqLM, GenerationConfig, set_seed
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import logging

from stages.command.errors import UserError
from stages.model.adapter import four_bits
from stages.model.batches import IGNORED, at, labels_of, length_batches, pad_right, places_of
from stages.model.beams import cache_of
from stages.model.hypothesis import Hypothesis, hypotheses_of
from stages.model.kinds import NO_BOUND, Room, check_room, room, set_declared_ids
from stages.model.pretrained import fit_vocabulary, read_weights
from stages.model.scratch import scratch_bart
from stages.model.tokenizer import frame
from stages.model.trained import read_trained
from stages.params import Generate, Model

logging.set_verbosity_error()
logging.disable_progress_bar()


class EncodedBatch(NamedTuple):
    """Some of the sources, and what the encoder made of them, which no decoding setting changes."""

    rows: list[int]
    """Their positions among all sources."""
    hidden: torch.Tensor
    """`(batch, length, d_model)`"""
    mask: torch.Tensor
    """`(batch, length)`: 1 at tokens, 0 at padding."""


def build_model(
    settings: Model,
    *,
    tokenizer: Tokenizer,
    positions: int,
    seed: int,
    dtype: torch.dtype = torch.float32,
    frozen: bool = False,
) -> Any:
    """Return the model to fine-tune, on the CPU, the same for the same seed.

    `positions` is the longest text in tokens, dialogue or summary, that it must take. Embeddings of
    a `frozen` model, beside whose weights an adapter is trained, keep their rows.
    """
    set_seed(seed)
    if settings.name == "scratch":
        return scratch_bart(settings, tokenizer=tokenizer, positions=positions)
    quantized = four_bits() if settings.quantize == "4bit" else {}
    model = read_weights(AutoModelForSeq2SeqLM, settings.base, dtype=dtype, **quantized)
    config = model.config
    set_declared_ids(config, settings.base)
    check_room(config, settings.name, source_tokens=positions, target_tokens=positions)
    around = frame(tokenizer)
    if config.model_type == "mbart":
        # Trained, it starts with what ends the labels: the language, or `</s>` in mBART-50.
        config.decoder_start_token_id = around.after[-1]
    if config.eos_token_id is None:  # bert2bert has neither of its own
        config.eos_token_id = around.after[-1]
    if config.pad_token_id is None:
        config.pad_token_id = config.encoder.pad_token_id
    if getattr(config, "attention_type", "") == "block_sparse":
        # A BigBird that has met one short batch attends in full from then on, so that what it makes
        # of a dialogue would depend on those before it.
        model.get_encoder().set_attention_type("original_full")
        config.attention_type = "original_full"
    if not frozen:
        fit_vocabulary(model, max(tokenizer.get_vocab().values()) + 1)
    # Decoding is what the section `generate` says, and no `min_length` or forced token of somebody
    # else's: what a summary begins and ends with is learnt.
    names = ("pad", "bos", "eos", "decoder_start")
    kept = {f"{name}_token_id": getattr(config, f"{name}_token_id", None) for name in names}
    model.generation_config = GenerationConfig(**kept)
    return model


def read_model(folder: Path) -> Any:
    """Read a model that the stage `train` wrote, ready to generate on the device at hand."""
    return read_trained(AutoModelForSeq2SeqLM, folder)


def row_lengths(rows: Any) -> list[int]:
    """Return the tokens of each row of a `datasets.Dataset`, by which rows are batched."""
    return [len(source) for source in rows["input_ids"]]


def collate(
    rows: Sequence[dict[str, Any]], *, pad: int, most: Room = NO_BOUND
) -> dict[str, torch.Tensor]:
    """Pad rows to one length, see `pad_right`: ids with `pad`, labels with -100.

    Returns `input_ids`, `attention_mask` of `(batch, source)`, `labels` of `(batch, target)` and
    their `places_of`.
    """
    sources = [row["input_ids"] for row in rows]
    real = [np.ones(len(source)) for source in sources]
    labels = pad_right(labels_of(rows), IGNORED, most=most.target)
    return {
        "input_ids": pad_right(sources, pad, most=most.source),
        "attention_mask": pad_right(real, 0, most=most.source),
        "labels": labels,
        "places": places_of(labels),
    }


def logits_of_summaries(model: Any, bare: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the vocabulary's logits for each token to learn, `(places, vocabulary)`.

    They are computed for the tokens alone and not for the padding: the head is handed `(places,
    d_model)` in place of `(batch, target, d_model)`. `bare` is the model without what is wrapped
    around it for several devices.
    """
    hook = bare.get_output_embeddings().register_forward_pre_hook(
        lambda _head, hidden: (at(inputs["places"], hidden[0]),)
    )
    try:
        logits: torch.Tensor = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            decoder_input_ids=shift_right(inputs["labels"], bare.config),
            use_cache=False,
        ).logits
    finally:
        hook.remove()
    return logits


def shift_right(labels: torch.Tensor, config: Any) -> torch.Tensor:
    """Return what the decoder reads while it learns to write `labels`: each token one later."""
    shifted = labels.roll(1, dims=1)
    shifted[:, 0].fill_(config.decoder_start_token_id)  # a CUDA graph takes no assignment
    return shifted.masked_fill(shifted == IGNORED, config.pad_token_id)


def check_length(config: Any, settings: Generate, *, longest: int) -> None:  # noqa: ARG001
    """Raise `UserError` where summaries may grow longer than the model has positions for.

    How long the `longest` source is makes no difference to it.
    """
    positions = room(config).target
    if positions and settings.max_new_tokens > positions:
        raise UserError(
            f"generate.max_new_tokens: this model cannot write {settings.max_new_tokens} tokens; "
            f"it has {positions} positions"
        )


@torch.inference_mode()
def encode_batches(
    model: Any, sources: Sequence[Sequence[int]], *, tokens: int
) -> Iterator[EncodedBatch]:
    """Yield what the encoder makes of `sources`, which are padded on the right, batch by batch."""
    pad = model.config.pad_token_id
    for rows in length_batches([len(source) for source in sources], tokens=tokens):
        length = max(len(sources[i]) for i in rows)
        padded = [[*sources[i], *[pad] * (length - len(sources[i]))] for i in rows]
        mask = [[1] * len(sources[i]) + [0] * (length - len(sources[i])) for i in rows]
        attention = torch.tensor(mask, device=model.device)
        ids = torch.tensor(padded, device=model.device)
        hidden = model.get_encoder()(input_ids=ids, attention_mask=attention, return_dict=True)
        yield EncodedBatch(rows, hidden.last_hidden_state, attention)


@torch.inference_mode()
def decode_batch(model: Any, batch: EncodedBatch, settings: Generate) -> list[list[int]]:
    """Return the ids of a summary for each row of a batch, in the batch's order."""
    generated: torch.Tensor = model.generate(**_request(model, batch, settings))
    ids: list[list[int]] = generated.tolist()
    return ids


@torch.inference_mode()
def hypotheses(model: Any, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
    """Return all beams of one source, the best first: its ids are those that `generate` returns."""
    check_length(model.config, settings, longest=len(source))
    [batch] = encode_batches(model, [source], tokens=len(source))
    return hypotheses_of(model, _request(model, batch, settings), settings)


def _request(model: Any, batch: EncodedBatch, settings: Generate) -> dict[str, Any]:
    """Return what transformers' `generate` is asked for."""
    return {
        "encoder_outputs": BaseModelOutput(last_hidden_state=batch.hidden),
        "attention_mask": batch.mask,
        "past_key_values": cache_of(model, settings.num_beams),
        "num_beams": settings.num_beams,
        "length_penalty": settings.length_penalty if settings.num_beams > 1 else 1.0,
        "no_repeat_ngram_size": settings.no_repeat_ngram_size,
        "max_new_tokens": settings.max_new_tokens,
        "do_sample": False,
    }
