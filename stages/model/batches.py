"""How rows come together in batches: of similar length, in training in a seeded order."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

ROWS_SORTED_TOGETHER = 64
"""Batches' worth of rows that are shuffled first and sorted by length then."""
TOKENS_IN_BATCH = 4096
"""Source tokens, padding counted, that are decoded at once; whatever the number of beams, so that
every setting of `generate` meets the same batches, and the same encoder outputs to the last bit."""


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


def length_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield positions, the longest first, in batches of at most `TOKENS_IN_BATCH` tokens."""
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        size = max(1, TOKENS_IN_BATCH // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
