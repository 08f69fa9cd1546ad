import datasets
import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from stages.model.batches import LengthBatches, TokenRows, length_batches
from stages.model.device import device, tuning
from stages.model.seq2seq import collate

STEP = tuning(device()).LENGTH_STEP

LENGTHS = [int(n) for n in np.random.default_rng(0).lognormal(5, 0.6, 2500)]
"""About as uneven as real dialogues: mean 177 tokens, the longest several times that."""


def batches(*, seed: int = 1, epoch: int = 0, batch_size: int = 16) -> list[list[int]]:
    sampler = LengthBatches(LENGTHS, batch_size=batch_size, seed=seed)
    sampler.set_epoch(epoch)
    return list(sampler)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=200),
    st.integers(1, 17),
    st.integers(0, 9),
    st.integers(0, 3),
)
def test_every_row_comes_once_an_epoch(
    lengths: list[int], batch_size: int, seed: int, epoch: int
) -> None:
    sampler = LengthBatches(lengths, batch_size=batch_size, seed=seed)
    sampler.set_epoch(epoch)
    made = list(sampler)
    assert sorted(row for batch in made for row in batch) == list(range(len(lengths)))
    assert len(made) == len(sampler)
    sizes = sorted(len(batch) for batch in made)
    assert sizes[1:] == [batch_size] * (len(made) - 1)


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=100),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_parts_and_processes_share_the_steps_of_one(
    lengths: list[int], batch_size: int, steps: int, processes: int
) -> None:
    parts = steps * processes
    whole = list(LengthBatches(lengths, batch_size=batch_size * parts, seed=1))
    shares = [
        LengthBatches(
            lengths, batch_size=batch_size, seed=1, parts=parts, process=i, processes=processes
        )
        for i in range(processes)
    ]
    dealt = [list(share) for share in shares]
    assert {len(one) for one in dealt} == {len(share) for share in shares} == {len(whole) * steps}
    for i, rows in enumerate(whole):
        of_step = [part for one in dealt for part in one[i * steps : (i + 1) * steps]]
        assert sorted(row for part in of_step for row in part) == sorted(rows)
        assert max(map(len, of_step)) - min(map(len, of_step)) <= 1


def test_the_order_is_the_seeds_and_the_epochs() -> None:
    assert batches() == batches()
    assert batches(epoch=1) != batches(epoch=0)
    assert batches(seed=2) != batches(seed=1)


def test_rows_meet_others_in_another_epoch() -> None:
    first, second = ({frozenset(batch) for batch in batches(epoch=epoch)} for epoch in (0, 1))
    assert len(first & second) < len(first) / 20


def test_an_epoch_does_not_run_from_long_to_short() -> None:
    longest = [max(LENGTHS[row] for row in batch) for batch in batches()]
    places = np.arange(len(longest))
    assert abs(np.corrcoef(places, longest)[0, 1]) < 0.3


def test_little_of_a_batch_is_padding() -> None:
    def computed(made: list[list[int]]) -> float:
        return sum(len(batch) * max(LENGTHS[row] for row in batch) for batch in made)

    held = sum(LENGTHS)
    by_chance = np.random.default_rng(0).permutation(len(LENGTHS)).tolist()
    random = [by_chance[i : i + 16] for i in range(0, len(by_chance), 16)]
    assert computed(batches()) < 1.06 * held
    assert computed(random) > 1.8 * held


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "input_ids": st.lists(st.integers(0, 9), min_size=1, max_size=9),
            "labels": st.lists(st.integers(0, 9), min_size=1, max_size=9),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(ROWS, st.integers(0, 9))
def test_labels_are_ignored_exactly_where_they_are_padding(
    rows: list[dict[str, list[int]]], pad: int
) -> None:
    batch = collate(rows, pad=pad)
    assert all(tensor.dtype == torch.long for tensor in batch.values())
    for i, row in enumerate(rows):
        source, target = len(row["input_ids"]), len(row["labels"])
        assert batch["input_ids"][i, :source].tolist() == row["input_ids"]
        assert set(batch["input_ids"][i, source:].tolist()) <= {pad}
        assert batch["attention_mask"][i].tolist() == [1] * source + [0] * (
            batch["input_ids"].shape[1] - source
        )
        assert batch["labels"][i, :target].tolist() == row["labels"]
        assert set(batch["labels"][i, target:].tolist()) <= {-100}
    for column in ("input_ids", "labels"):
        longest = max(len(row[column]) for row in rows)
        assert batch[column].shape[1] in range(longest, longest + STEP)
        assert batch[column].shape[1] % STEP == 0


@given(ROWS, st.data())
def test_rows_read_together_are_those_at_their_positions(
    rows: list[dict[str, list[int]]], data: st.DataObject
) -> None:
    ends = [{"input_ids": [7], "labels": []}]
    parts = [datasets.Dataset.from_list(part) for part in (ends + rows, rows + ends)]
    joined = datasets.concatenate_datasets(parts)
    table = joined.select(range(1, len(joined)))  # neither whole nor in one piece
    positions = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=6))
    read = TokenRows(table).__getitems__(positions)
    plain = [{name: list(row[name]) for name in row} for row in read]
    assert plain == [table[i] for i in positions]
    assert len(TokenRows(table)) == len(table)


def test_rows_may_be_arrays() -> None:
    row = {"input_ids": np.array([1, 2], dtype=np.int32), "labels": np.array([3], dtype=np.int32)}
    assert collate([row], pad=0)["labels"].tolist() == [[3] + [-100] * (STEP - 1)]


@given(st.lists(st.integers(1, 6000), max_size=300))
def test_batches_hold_each_dialogue_once_and_no_more_tokens_than_allowed(
    lengths: list[int],
) -> None:
    batches = list(length_batches(lengths, tokens=4096))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or longest * len(batch) <= 4096
    in_order = [lengths[i] for batch in batches for i in batch]
    assert in_order == sorted(lengths, reverse=True)
