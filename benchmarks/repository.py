"""A copy of this repository with few rows and a small model, in which `dvc` has run everything."""

import csv
import shutil
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from benchmarks.processes import ROOT, python, write_params
from tests.repository import commit, copy_files, start_git

ROWS = {"train": 64, "dev": 16, "test": 8}
SMALL: dict[str, dict[str, object]] = {
    "tokenize": {"vocab_size": 500},
    "model": {"layers": 1, "d_model": 32},
    "train": {"lr": 1e-2, "batch_size": 4, "epochs": 4, "label_smoothing": 0.0, "eval_rows": 4},
    "generate": {"num_beams": 2, "max_new_tokens": 24},
}
"""Enough for a score above 0, without which a trial counts as failed."""
SKIPPED, KEPT = ("dvc.lock", "metrics/"), "metrics/compare.json"
"""What a run makes, and what of it the report reads and no stage makes."""


def copy_repository(folder: Path, changes: Mapping[str, Mapping[str, object]]) -> Path:
    """Copy the working tree, with few rows and a small model, and run `dvc repro`."""
    copy_sources(folder, SMALL | dict(changes), rows=ROWS)
    python(folder, "-m", "dvc", "repro", "--quiet")
    commit(folder)
    return folder


def copy_sources(
    folder: Path,
    changes: Mapping[str, Mapping[str, object]],
    *,
    rows: Mapping[str, int] | None = None,
) -> Path:
    """Copy the working tree to `folder`, with `changes` of whole sections; nothing has run there.

    Of the sample `rows` are kept of each split, or all.
    """
    copy_files(folder, without=SKIPPED)
    (folder / "metrics").mkdir()
    shutil.copy(ROOT / KEPT, folder / KEPT)
    for split, count in (rows or {}).items():
        _keep_rows(folder / f"data/sample/{split}.csv", count)
    write_params(folder, changes)
    start_git(folder)
    commit(folder)
    return folder


def _keep_rows(path: Path, rows: int) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        kept = list(islice(csv.reader(file), rows + 1))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(kept)
