"""A copy of this repository with few rows and a small model, in which `dvc` has run everything."""

import csv
import shutil
import subprocess
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from benchmarks.processes import ROOT, python, write_params

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
    """Copy the working tree to `folder`, with `changes` of whole sections, and run `dvc repro`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        is_made = name.startswith(SKIPPED) and name != KEPT
        if (ROOT / name).is_file() and not is_made:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for split, rows in ROWS.items():
        _keep_rows(folder / f"data/sample/{split}.csv", rows)
    write_params(folder, SMALL | dict(changes))
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "Benchmark")
    git(folder, "config", "user.email", "benchmark@example.org")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "few rows, a small model")
    python(folder, "-m", "dvc", "repro", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "run")
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git in `folder`."""
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def _keep_rows(path: Path, rows: int) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        kept = list(islice(csv.reader(file), rows + 1))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(kept)
