"""Decoding with `generate()`: sorted by length, in batches of about the same number of tokens."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from transformers.modeling_outputs import BaseModelOutput

from stages.command.errors import UserError
from stages.params import Generate

TOKENS_IN_BATCH = 4096
"""Source tokens, padding counted, that are decoded at once; whatever the number of beams, so that
every setting of `generate` meets the same batches, and the same encoder outputs to the last bit."""


class EncodedBatch(NamedTuple):
    """Some of the sources, and what the encoder made of them, which no decoding setting changes."""

    rows: list[int]
    """Their positions among all sources."""
    hidden: torch.Tensor
    """`(batch, length, d_model)`"""
    mask: torch.Tensor
    """`(batch, length)`: 1 at tokens, 0 at padding."""


class Hypothesis(NamedTuple):
    """One of the beams, as the search ended it."""

    ids: list[int]
    score: float
    """Log-probability of the tokens, divided by their number to the power of `length_penalty`."""


def generate(
    model: Any,
    sources: Sequence[Sequence[int]],
    settings: Generate,
    *,
    on_batch: Callable[[int], None] = lambda n: None,
) -> list[list[int]]:
    """Return the ids of a summary for each of `sources`, in their order.

    `on_batch` is told how many dialogues each batch has finished.
    """
    check_length(model.config, settings)
    summaries: list[list[int]] = [[] for _ in sources]
    for batch in encode_batches(model, sources):
        for i, summary in zip(batch.rows, decode_batch(model, batch, settings), strict=True):
            summaries[i] = summary
        on_batch(len(batch.rows))
    return summaries


def check_length(config: Any, settings: Generate) -> None:
    """Raise `UserError` where summaries may grow longer than the model has positions for."""
    room = getattr(config, "max_position_embeddings", None)
    if room and settings.max_new_tokens > room:
        raise UserError(
            f"generate.max_new_tokens: this model cannot write {settings.max_new_tokens} tokens; "
            f"it has {room} positions"
        )


def length_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield positions, the longest first, in batches of at most `TOKENS_IN_BATCH` tokens."""
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        size = max(1, TOKENS_IN_BATCH // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


@torch.inference_mode()
def encode_batches(model: Any, sources: Sequence[Sequence[int]]) -> Iterator[EncodedBatch]:
    """Yield what the encoder makes of `sources`, which are padded on the right, batch by batch."""
    pad = model.config.pad_token_id
    for rows in length_batches([len(source) for source in sources]):
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
    generated: torch.Tensor = model.generate(**_request(batch, settings))
    ids: list[list[int]] = generated.tolist()
    return ids


@torch.inference_mode()
def hypotheses(model: Any, source: Sequence[int], settings: Generate) -> list[Hypothesis]:
    """Return all beams of one source, the best first: its ids are those that `generate` returns."""
    check_length(model.config, settings)
    [batch] = encode_batches(model, [source])
    found = model.generate(
        **_request(batch, settings),
        num_return_sequences=settings.num_beams,
        return_dict_in_generate=True,
        output_scores=True,
    )
    ids: list[list[int]] = found.sequences.tolist()
    if settings.num_beams > 1:
        scores = found.sequences_scores
    else:  # greedy search adds nothing up
        chosen = model.compute_transition_scores(
            found.sequences, found.scores, normalize_logits=True
        )
        scores = chosen.sum(dim=1) / chosen.shape[1] ** settings.length_penalty
    return [Hypothesis(*pair) for pair in zip(ids, scores.tolist(), strict=True)]


def _request(batch: EncodedBatch, settings: Generate) -> dict[str, Any]:
    """Return what transformers' `generate` is asked for."""
    return {
        "encoder_outputs": BaseModelOutput(last_hidden_state=batch.hidden),
        "attention_mask": batch.mask,
        "num_beams": settings.num_beams,
        "length_penalty": settings.length_penalty if settings.num_beams > 1 else 1.0,
        "no_repeat_ngram_size": settings.no_repeat_ngram_size,
        "max_new_tokens": settings.max_new_tokens,
        "do_sample": False,
    }
