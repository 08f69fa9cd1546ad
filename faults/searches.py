"""kill -9 and TERM of a search with two workers: of it, its dvc, a worker, or all at once."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from itertools import product
from pathlib import Path

from faults.attempt import Attempt, Row, promise
from faults.processes import SIGNALS, kill, running, wait_gone, wait_until
from tests.repository import dvc, git
from tests.tiny_repository import (
    change,
    epochs_seen,
    make_repository,
    started,
    trials,
    worker_ids,
)

TRIALS, EPOCHS = 4, 10
VICTIMS = ("a worker", "the search", "dvc", "all of them")


def prepare(folder: Path) -> Path:
    """Make a repository that asks for a search with two workers."""
    make_repository(folder)
    change(folder, {"train.lr": 1e-2, "train.epochs": float(EPOCHS)})
    change(folder, {"tune.trials": TRIALS, "tune.workers": 2})
    change(folder, {"tune.confirm.top": 0, "tune.pruner": "none"})
    return folder


def saved(repository: Path) -> dict[str, str]:
    """Return the experiments that there are, name → commit."""
    form = "--format=%(refname) %(objectname)"
    listing = git(repository, "for-each-ref", form, "refs/exps").splitlines()
    lines = [line.split() for line in listing]
    return {ref.rpartition("/")[2]: rev for ref, rev in lines if "/exec/" not in ref}


def finished(repository: Path) -> int:
    """Return how many trials the study knows as finished."""
    return len(epochs_seen(repository, "COMPLETE"))


def kill_search(one: Attempt, victim: str, what: signal.Signals) -> None:
    """Kill at a seeded epoch; trials that finished are kept, the others are run, each once."""
    epochs, more = one.chance.randrange(TRIALS * EPOCHS), one.chance.uniform(0, 1)
    one.what = f"{what.name} of {victim} {more:.2f} s after epoch {epochs} of {TRIALS * EPOCHS}"
    repository = one.folder / "repository"
    shutil.copytree(one.base, repository, symlinks=True)

    def is_there() -> bool:
        seen = [*epochs_seen(repository, "RUNNING"), *epochs_seen(repository, "COMPLETE")]
        return bool(seen) and sum(seen) >= epochs

    with started(repository, "-m", "dvc", "repro", "tune") as process:
        if wait_until(is_there, process):
            time.sleep(more)
        kept = saved(repository)
        hit(repository, process, victim, what, chance=one.chance.random())
        ended = process.wait(timeout=300)
    if victim == "a worker":
        promise(ended == 0, "the search did not survive the death of one worker")
    wait_gone(partial(worker_ids, repository), "a worker")
    wait_gone(partial(running, repository, "stages.tune"), "the search")
    before = finished(repository)
    one.said.append(dvc(repository, "repro", "tune"))
    promise_all(repository, kept, before=before, said=one.said[-1])


def hit(
    repository: Path,
    process: subprocess.Popen[str],
    victim: str,
    what: signal.Signals,
    *,
    chance: float,
) -> None:
    """Send the signal to whom it is for."""
    if victim == "a worker":
        workers = sorted(worker_ids(repository))
        for worker in workers[int(chance * len(workers)) :][:1]:
            kill(worker, what)
    elif victim == "the search":
        for search in running(repository, "stages.tune"):
            kill(search, what)
    elif victim == "dvc":
        process.send_signal(what)
    elif process.poll() is None:
        os.killpg(process.pid, what)


def promise_all(repository: Path, kept: Mapping[str, str], *, before: int, said: str) -> None:
    """Look whether each trial ran once, with what it ran, and what had ended was kept."""
    rows = trials(repository)
    promise([row["state"] for row in rows] == ["COMPLETE"] * TRIALS, f"not {TRIALS} trials: {rows}")
    promise(len({row["train.lr"] for row in rows}) == TRIALS, "two trials have the same values")
    short = [row["trial"] for row in rows if len(row["epochs"].split()) != EPOCHS]
    promise(not short, f"trials lack epochs: {short}")
    now = saved(repository)
    named = {row["experiment"] for row in rows}
    promise(named <= now.keys(), f"experiments are lost: {named - now.keys()}")
    again = sorted(name for name, rev in kept.items() if now.get(name) != rev)
    promise(not again, f"finished trials were trained again: {again}")
    promise(before == TRIALS or f"{before} trials run before" in said, f"of {before} kept: {said}")


ROWS = {
    "search": Row(
        "kill -9 and TERM of a search with two workers: of it, of its dvc, of a worker, of all",
        prepare,
        lambda quick: [
            partial(kill_search, victim=victim, what=what)
            for victim, what in list(product(VICTIMS, SIGNALS))[-1 if quick else 0 :]
        ],
    )
}
