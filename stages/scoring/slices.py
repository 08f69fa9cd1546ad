"""Where a model is good and where it fails: the score of parts of a split.

A part of few dialogues says little, so that its size and its interval always stand beside it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stages.dialogue.records import Record
from stages.dialogue.turns import split_turns
from stages.rouge.rouge import Floats, rouge_mean
from stages.scoring.intervals import interval
from stages.scoring.topics import topic_group


class Slice(NamedTuple):
    """The dialogues that are alike in one respect; scores 0 to 100."""

    slice: str
    value: str
    n: int
    rouge_mean: float
    low: float
    high: float


def score_slices(
    records: Sequence[Record], truncated: Sequence[bool], per_dialogue: Floats
) -> list[Slice]:
    """Return the score of each part of a split, cut in six ways.

    `truncated[i]` says whether the model saw less than the whole of dialogue `i`; `per_dialogue` is
    `(dialogue, 3)` from 0 to 1. Every way of cutting covers all dialogues; parts without a dialogue
    are left out.
    """
    ways = {name: [value(record) for record in records] for name, value in _WAYS.items()}
    ways["truncated"] = ["yes" if cut else "no" for cut in truncated]
    return [
        _part(name, value, per_dialogue[np.array(values) == value])
        for name, values in ways.items()
        for value in sorted(set(values), key=_order)
    ]


def speakers(record: Record) -> str:
    """Return how many speak, `2` to `7`."""
    return str(len({turn.speaker for turn in split_turns(record.dialogue)}))


def turns(record: Record) -> str:
    """Return the number of turns, as a range: `6-10`."""
    return _range(len(split_turns(record.dialogue)), (0, 6, 11, 16, 21))


def source_length(record: Record) -> str:
    """Return the dialogue's length in characters, as a range: `250-499`."""
    return _range(len(record.dialogue), (0, 250, 500, 750, 1000))


def summary_length(record: Record) -> str:
    """Return the mean length of the references in characters, as a range: `50-99`."""
    lengths = [len(summary) for summary in record.summaries]
    return _range(round(sum(lengths) / len(lengths)), (0, 50, 100, 150, 200))


_WAYS: dict[str, Callable[[Record], str]] = {
    "topic": lambda record: topic_group(record.topic),
    "speakers": speakers,
    "turns": turns,
    "source_length": source_length,
    "summary_length": summary_length,
}


def _part(name: str, value: str, per_dialogue: Floats) -> Slice:
    return Slice(name, value, len(per_dialogue), rouge_mean(per_dialogue), *interval(per_dialogue))


def _range(number: int, starts: tuple[int, ...]) -> str:
    """Return the range that `number` lies in; `starts` are where ranges begin, the last is open.

    >>> _range(7, (0, 6, 11)), _range(11, (0, 6, 11))
    ('6-10', '11-')
    """
    at = int(np.searchsorted(starts, number, side="right")) - 1
    end = str(starts[at + 1] - 1) if at + 1 < len(starts) else ""
    return f"{starts[at]}-{end}"


def _order(value: str) -> tuple[int, str]:
    start = value.partition("-")[0]
    return (int(start) if start.isdigit() else 0, value)
