"""How training rows come together in batches: rows of similar length, in a seeded order."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler

ROWS_SORTED_TOGETHER = 64
"""Batches' worth of rows that are shuffled first and sorted by length then."""
LENGTH_STEP = 8
"""Lengths are rounded up to multiples of it: each new one costs the making of its kernels."""
IGNORED = -100
"""The label of a padded position: it takes no part in the loss."""


class LengthBatches(Sampler[list[int]]):
    """Yield each row once an epoch, in batches of `batch_size` rows of similar length.

    Random batches of 16 real dialogues compute twice the tokens that they hold; these 1.05 times.
    The order is another one each epoch and depends on nothing but the seed and the epoch.
    """

    drop_last = False

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        """Take each row's length in tokens."""
        self.lengths = np.asarray(lengths)
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch; the Trainer calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self.lengths) / self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the positions of each batch's rows."""
        random = np.random.default_rng([self.seed, self.epoch])
        order = random.permutation(len(self.lengths))
        together = self.batch_size * ROWS_SORTED_TOGETHER
        parts = [order[start : start + together] for start in range(0, len(order), together)]
        batches = [
            part[start : start + self.batch_size]
            for part in (part[np.argsort(-self.lengths[part], kind="stable")] for part in parts)
            for start in range(0, len(part), self.batch_size)
        ]
        for i in random.permutation(len(batches)):
            yield batches[i].tolist()


def collate(rows: Sequence[dict[str, Any]], *, pad: int) -> dict[str, torch.Tensor]:
    """Pad rows to one length, a multiple of 8: ids with `pad`, labels with -100.

    Returns `input_ids`, `attention_mask` of `(batch, source)` and `labels` of `(batch, target)`.
    """
    # Copies: rows that are mapped from a file cannot be written to, which torch warns of.
    sources, targets = (
        [torch.from_numpy(np.array(row[column], dtype=np.int64)) for row in rows]
        for column in ("input_ids", "labels")
    )
    ones = [torch.ones_like(source) for source in sources]

    def padded(values: list[torch.Tensor], filler: int) -> torch.Tensor:
        filled = torch.nn.utils.rnn.pad_sequence(values, batch_first=True, padding_value=filler)
        return torch.nn.functional.pad(filled, (0, -filled.shape[1] % LENGTH_STEP), value=filler)

    return {
        "input_ids": padded(sources, pad),
        "attention_mask": padded(ones, 0),
        "labels": padded(targets, IGNORED),
    }
