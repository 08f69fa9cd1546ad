"""How much faster `find_copies` is than a double loop over Python sets that finds the same.

The rows are the 12,460 and 500 real English ones where they lie beside the project, else the
sample's. The loop compares `sample` queries with all rows; its time is multiplied from them.
"""

import csv
import resource
import time
from pathlib import Path

from benchmarks.ratio import Ratio, run
from stages.leaks.near_copies import Pair, find_copies
from stages.leaks.shingles import bare_text

THRESHOLD = 0.5
GOAL = 20
_ROOT = Path(__file__).resolve().parents[1]


def measure(*, sample: int = 10, rows: int = 20_000) -> list[Ratio]:
    """Return the ratio of the two times."""
    corpus, queries = _dialogues("train")[:rows], _dialogues("dev")[:rows]
    start = time.perf_counter()
    bare = [[bare_text(dialogue) for dialogue in dialogues] for dialogues in (queries, corpus)]
    pairs = find_copies(*bare, THRESHOLD)
    ours = time.perf_counter() - start
    # Before the loop's own sets add to it; Linux counts in KiB.
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    beside, found = _double_loop(queries, corpus, sample)
    if found != [pair for pair in pairs if pair.query < sample]:
        raise AssertionError("the two searches found different pairs")
    return [
        Ratio(
            "leak_search",
            round(beside / ours, 1),
            GOAL,
            f"a double loop over Python sets of 3-grams, {len(corpus)} x {len(queries)} rows",
            "times as fast",
            f"{ours:.2f} s, at most {mebibytes:.0f} MiB",
            f"{beside:.0f} s",
        )
    ]


def _double_loop(queries: list[str], corpus: list[str], sample: int) -> tuple[float, list[Pair]]:
    start = time.perf_counter()
    asked = [_shingles(dialogue) for dialogue in queries]
    known = [_shingles(dialogue) for dialogue in corpus]
    prepared = time.perf_counter() - start
    start = time.perf_counter()
    pairs = [
        Pair(query, row, similarity)
        for query, a in enumerate(asked[:sample])
        for row, b in enumerate(known)
        if (similarity := len(a & b) / len(a | b)) >= THRESHOLD
    ]
    compared = time.perf_counter() - start
    return prepared + compared * len(queries) / min(sample, len(queries)), pairs


def _shingles(dialogue: str) -> set[str]:
    letters = bare_text(dialogue).replace(" ", "")
    return {letters[i : i + 3] for i in range(len(letters) - 2)}


def _dialogues(split: str) -> list[str]:
    real = _ROOT / "../shared/data/en"
    folder = real if real.exists() else _ROOT / "data/sample"
    with (folder / f"{split}.csv").open(encoding="utf-8", newline="") as file:
        return [row["dialogue"] for row in csv.DictReader(file)]


if __name__ == "__main__":
    run(measure, quick={"rows": 500})
