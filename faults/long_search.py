"""A long search in one worker: memory, open files and disk of its last trials as of its first."""

import os
import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from faults.attempt import Attempt, Row, promise
from faults.processes import running, wait_until
from tests.tiny_repository import (
    change,
    epochs_seen,
    make_repository,
    started,
    trials,
    worker_ids,
)

TRIALS, COMPARED = 60, 10
MORE = 1.1
"""What the last trials may have of the first ones' memory and disk."""
PAGE = os.sysconf("SC_PAGE_SIZE")


class Use(NamedTuple):
    """What a search has at the end of a trial."""

    worker_mib: float
    worker_files: float
    owner_mib: float
    owner_files: float
    models: float
    """In DVC's cache."""
    disk_kib: float
    """Of the repository, its experiments and their scores included."""


def prepare(folder: Path) -> Path:
    """Make a repository that asks for a long search."""
    make_repository(folder)
    change(folder, {"train.lr": 1e-2, "train.epochs": 2.0, "tune.strategy": "random"})
    change(folder, {"tune.confirm.top": 0, "tune.pruner": "none"})
    return folder


def look(repository: Path) -> Use:
    """Look at the processes and the disk."""
    [worker], [owner] = worker_ids(repository), running(repository, "stages.tune")
    models = sum(size > WEIGHTS for size in _sizes(repository / ".dvc/cache"))
    whole = sum(_sizes(repository))
    return Use(*_process(worker), *_process(owner), models, whole / 1024)


def _sizes(folder: Path) -> Iterator[int]:
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # the search goes on meanwhile
            yield path.lstat().st_blocks * 512


def _process(number: int) -> tuple[float, float]:
    process = Path(f"/proc/{number}")
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 2**20, len(list((process / "fd").iterdir()))


def watch(one: Attempt, n: int) -> None:
    """Look after each trial, and compare the last ones with the first."""
    one.tried, compared = n, min(COMPARED, n // 2)
    one.what = f"{n} trials in one worker"
    repository = one.folder / "repository"
    shutil.copytree(one.base, repository, symlinks=True)
    change(repository, {"tune.trials": n})
    uses: list[Use] = []
    with started(repository, "-m", "dvc", "repro", "tune") as process:
        while wait_until(lambda: len(epochs_seen(repository, "COMPLETE")) > len(uses), process):
            uses.append(look(repository))
            if len(uses) == n:
                break
        promise(process.wait(timeout=300) == 0, "the search failed")
    rows = trials(repository)
    promise([row["state"] for row in rows] == ["COMPLETE"] * n, f"not {n} trials: {rows}")
    first, last = average(uses[:compared]), average(uses[-compared:])
    grown = [growth(uses[:compared]), growth(uses[-compared:])]
    one.what += (
        f": worker {first.worker_mib:.0f} → {last.worker_mib:.0f} MiB, "
        f"{first.worker_files:.0f} → {last.worker_files:.0f} files; "
        f"search {first.owner_mib:.0f} → {last.owner_mib:.0f} MiB, "
        f"{first.owner_files:.0f} → {last.owner_files:.0f} files; {first.models:.0f} → "
        f"{last.models:.0f} models; {grown[0]:.0f} → {grown[1]:.0f} KiB of disk a trial"
    )
    for name in ("worker_mib", "owner_mib"):
        promise(getattr(last, name) <= MORE * getattr(first, name), f"{name} grew: {one.what}")
    for name in ("worker_files", "owner_files", "models"):
        promise(getattr(last, name) <= getattr(first, name) + 1, f"{name} grew: {one.what}")
    promise(grown[1] <= MORE * grown[0], f"a trial takes more disk: {one.what}")


def average(uses: Sequence[Use]) -> Use:
    """Return the mean of several."""
    return Use(*(statistics.mean(column) for column in zip(*uses, strict=True)))


def growth(uses: Sequence[Use]) -> float:
    """Return the KiB of disk that a trial adds."""
    return (uses[-1].disk_kib - uses[0].disk_kib) / max(1, len(uses) - 1)


WEIGHTS = 64 * 1024
"""Bytes; of what a tiny repository has in its cache only weights are larger."""

ROWS = {
    "long": Row(
        "60 trials in one worker: memory, open files and disk of the last 10 as of the first",
        prepare,
        lambda quick: [partial(watch, n=4 if quick else TRIALS)],
    )
}
