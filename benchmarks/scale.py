"""How time and memory of `clean` and `tokenize` grow with the rows: 10,000 beside 1,000,000.

The rows are the real English ones where they lie beside the project, else the sample's, repeated
under new ids: tags and turns stay, every word is another one of the same data. What 100 rows take
is taken off both sides, so that starting a process does not pass for slow growth.
"""

import csv
import math
import multiprocessing
import re
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.processes import ROOT, Cost, python, write_params
from benchmarks.ratio import Ratio, run
from stages.command.errors import UserError

FEW = 100
STAGES = ("clean", "tokenize")
PARAMS: dict[str, dict[str, object]] = {
    "data": {"dir": "data/raw", "language": "en"},
    "model": {"name": "scratch"},
}
_PARTS = re.compile(r"(#\w+#:?|\s+)")


def measure(*, rows: int = 1_000_000, beside: int = 10_000) -> list[Ratio]:
    """Return the exponent of time between the two sizes, and the peak of memory at the larger."""
    start, small, large = (_cost(n) for n in (FEW, beside, rows))
    growth = (large.seconds - start.seconds) / (small.seconds - start.seconds)
    return [
        Ratio(
            "scale.time",
            round(math.log(growth) / math.log(rows / beside), 3),
            1.05,
            f"itself at {beside:,} rows",
            "exponent of time",
            f"{large.seconds:.1f} s for {rows:,} rows",
            f"{small.seconds:.1f} s",
        ),
        Ratio(
            "scale.memory",
            round(large.gib, 2),
            1.5,
            f"itself at {beside:,} rows",
            "GiB at most",
            f"{large.gib:.2f} GiB for {rows:,} rows",
            f"{small.gib:.2f} GiB",
        ),
    ]


def _cost(rows: int) -> Cost:
    """Return the seconds of both stages, and the memory of the larger one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_params(folder, PARAMS)
        # In a process of its own: a child's peak counts what its parent had when it was started.
        spawn = multiprocessing.get_context("spawn")
        writer = spawn.Process(target=write_rows, args=(folder, rows))
        writer.start()
        writer.join()
        if writer.exitcode:
            raise UserError(f"no {rows:,} rows could be written: exit code {writer.exitcode}")
        costs = [python(folder, "-m", f"stages.{stage}") for stage in STAGES]
        return Cost(sum(one.seconds for one in costs), max(one.gib for one in costs))


def write_rows(folder: Path, rows: int) -> None:
    """Write train.csv with so many rows, and dev.csv as it is, into data/raw."""
    (folder / "data/raw").mkdir(parents=True)
    real = ROOT / "../shared/data/en"
    source = real if real.exists() else ROOT / "data/sample"
    (folder / "data/raw/dev.csv").write_bytes((source / "dev.csv").read_bytes())
    with (source / "train.csv").open(encoding="utf-8", newline="") as file:
        header, *known = csv.reader(file)
    text = header.index("dialogue")
    parts = [_PARTS.split(row[text]) for row in known]
    words = np.array([w for row in parts for w in row[::2] if w], dtype=object)
    random = np.random.default_rng(0)
    with (folder / "data/raw/train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for i in range(rows):
            row, cut = list(known[i % len(known)]), list(parts[i % len(known)])
            drawn = words[random.integers(len(words), size=len(cut[::2]))]
            cut[::2] = [new if old else "" for old, new in zip(cut[::2], drawn, strict=True)]
            row[0], row[text] = f"train_{i}", "".join(cut)
            writer.writerow(row)


if __name__ == "__main__":
    run(measure, quick={"rows": 4_000, "beside": 1_000})
