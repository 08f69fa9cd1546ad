"""Decoding with `generate()`: sorted by length, in batches of about the same number of tokens."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from stages.command.errors import UserError
from stages.params import Generate

TOKENS_IN_BATCH = 4096
"""Source tokens, padding counted, that are decoded at once; whatever the number of beams, so that
every setting of `generate` meets the same batches, and the same encoder outputs to the last bit."""


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
    for batch in length_batches([len(source) for source in sources]):
        generated = _generate_batch(model, [sources[i] for i in batch], settings)
        for i, summary in zip(batch, generated, strict=True):
            summaries[i] = summary
        on_batch(len(batch))
    return summaries


def check_length(config: Any, settings: Generate) -> None:
    """Raise `UserError` where summaries may grow longer than the model has positions for."""
    room = getattr(config, "max_position_embeddings", None)
    if room and settings.max_new_tokens >= room:
        raise UserError(
            f"generate.max_new_tokens: this model cannot write {settings.max_new_tokens} tokens; "
            f"stay below {room}"
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
def _generate_batch(
    model: Any, sources: Sequence[Sequence[int]], settings: Generate
) -> list[list[int]]:
    """Decode one batch; sources are padded on the right to the longest, `(batch, length)`."""
    length = max(len(source) for source in sources)
    pad = model.config.pad_token_id
    ids = torch.tensor([[*source, *[pad] * (length - len(source))] for source in sources])
    mask = torch.tensor([[1] * len(s) + [0] * (length - len(s)) for s in sources])
    generated: torch.Tensor = model.generate(
        input_ids=ids.to(model.device),
        attention_mask=mask.to(model.device),
        num_beams=settings.num_beams,
        length_penalty=settings.length_penalty if settings.num_beams > 1 else 1.0,
        no_repeat_ngram_size=settings.no_repeat_ngram_size,
        max_new_tokens=settings.max_new_tokens,
        do_sample=False,
    )
    rows: list[list[int]] = generated.tolist()
    return rows
