"""How rows come together in batches: of similar length, in training in a seeded order."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from stages.model.device import device, tuning

Tokens = Sequence[int] | np.ndarray[Any, Any]
"""The tokens of one text."""
IGNORED = -100
"""The label of a position that takes no part in the loss: padding, or a prompt."""
NO_PLACE = -1
"""The place of no token: see `places_of`."""
ROWS_SORTED_TOGETHER = 64
"""Batches' worth of rows that are shuffled first and sorted by length then."""


class LengthBatches(Sampler[list[int]]):
    """Yield each row once an epoch, in batches of `batch_size` rows of similar length.

    Random batches of 16 real dialogues compute twice the tokens that they hold; these 1.05 times.
    `parts` batches that follow one another belong to one optimizer step: they are the parts of one
    of `parts * batch_size` rows, so that 2 × 4 rows are the same 8 as 1 × 8. The order is another
    one each epoch and depends on nothing but the seed and the epoch. Several processes get parts of
    each step in turn, as many each. Of a step with fewer rows than parts some parts have none.
    """

    drop_last = False

    def __init__(
        self,
        lengths: Sequence[int],
        *,
        batch_size: int,
        seed: int,
        parts: int = 1,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        """Take each row's length in tokens, and which of several processes is to have batches."""
        self.lengths = np.asarray(lengths)
        self.rows_in_step = batch_size * parts
        self.parts = parts
        self.process, self.processes = process, processes
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch; the Trainer calls this."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Return the number of batches."""
        steps = -(-len(self.lengths) // self.rows_in_step)
        return steps * self.parts // self.processes

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the positions of each batch's rows."""
        random = np.random.default_rng([self.seed, self.epoch])
        order = random.permutation(len(self.lengths))
        together = self.rows_in_step * ROWS_SORTED_TOGETHER
        groups = [order[start : start + together] for start in range(0, len(order), together)]
        steps = [
            group[start : start + self.rows_in_step]
            for group in (g[np.argsort(-self.lengths[g], kind="stable")] for g in groups)
            for start in range(0, len(group), self.rows_in_step)
        ]
        for i in random.permutation(len(steps)):
            for part in np.array_split(steps[i], self.parts)[self.process :: self.processes]:
                yield part.tolist()


class TokenRows(Dataset[dict[str, Any]]):
    """Rows of `input_ids` and `labels`, read a batch at once, as NumPy arrays.

    A `datasets.Dataset` makes each array by itself, which for 50 rows takes a fifth of the time of
    a whole training step on a large GPU.
    """

    def __init__(self, rows: Any) -> None:
        """Take a `datasets.Dataset`, which stays where it is."""
        self.rows = rows.with_format("arrow")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __getitems__(self, positions: list[int]) -> list[dict[str, Any]]:
        """Return the rows at these positions; what they hold cannot be written to."""
        if not positions:
            return []
        table = self.rows[positions]
        columns = (_arrays(table.column(name)) for name in ("input_ids", "labels"))
        return [
            {"input_ids": source, "labels": target} for source, target in zip(*columns, strict=True)
        ]


def _arrays(column: Any) -> list[Tokens]:
    """Return each list of an Arrow column."""
    whole = column.combine_chunks()
    values, ends = whole.values.to_numpy(), whole.offsets.to_numpy()
    return [values[start:end] for start, end in pairwise(ends)]


def length_batches(lengths: Sequence[int], *, tokens: int) -> Iterator[list[int]]:
    """Yield positions, the longest first, in batches of at most so many tokens, or of one row."""
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def pad_right(rows: Sequence[Tokens], filler: int, *, most: int | None) -> torch.Tensor:
    """Return rows as `(rows, length)`, filled up on the right.

    The length is a multiple of the device's `LENGTH_STEP`, or `most`, the model's positions, where
    those are fewer.
    """
    longest = max(map(len, rows))
    length = longest + -longest % tuning(device()).LENGTH_STEP
    length = max(longest, min(length, most or length))
    filled = np.full((len(rows), length), filler, dtype=np.int64)
    for to, row in zip(filled, rows, strict=True):
        to[: len(row)] = row
    return torch.from_numpy(filled)


def places_of(labels: torch.Tensor) -> torch.Tensor:
    """Return where a batch's tokens to learn stand, counted through `(rows, length)` row by row.

    Filled up with -1 to a multiple of the device's `PLACES_STEP`.
    """
    found = (labels.flatten() != IGNORED).nonzero().flatten()
    missing = -len(found) % tuning(device()).PLACES_STEP
    return torch.nn.functional.pad(found, (0, missing), value=NO_PLACE)


def at(places: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Return what of `values`, `(rows, length, …)`, stands at `places`; the first one at -1."""
    return values.flatten(0, 1).index_select(0, places.clamp(min=0))


def targets_of(inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the tokens of a batch to learn, `(places,)`; -100 where its place is none."""
    places = inputs["places"]
    return at(places, inputs["labels"]).masked_fill(places == NO_PLACE, IGNORED)


def labels_of(rows: Sequence[dict[str, Any]]) -> list[Tokens]:
    """Return each row's labels; raises `ValueError` for a batch with none to learn."""
    labels = [row["labels"] for row in rows]
    if not any(map(len, labels)):
        raise ValueError("a batch has no token of a summary to learn")
    return labels
