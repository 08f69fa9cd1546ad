"""Crowds on a study: eight workers with hundreds of instant trials, each counted once."""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from faults.attempt import Attempt, Row, Try, promise
from tests.postgresql import server
from tests.repository import ROOT, commit, environment
from tests.tiny_repository import change, change_space, make_repository

WORKERS, EACH = 8, 50
FEW = 2, 10
HANGS = 3600
"""Seconds after which a search hangs; on a machine that is full of other work it takes long."""
OWNER, WORKER = "owner.py", "stages/workers/worker.py"
TRIALS = """
select number, state, param_value from trials join trial_params using (trial_id)
where trial_id not in (select trial_id from trial_user_attributes where key = 'repeats')
"""
"""But for values that the sampler chose again, which no worker gets."""


def prepare(folder: Path) -> Path:
    """Make a repository in which a training takes no time."""
    make_repository(folder)
    for name, place in (("worker", WORKER), ("owner", OWNER)):
        shutil.copy(ROOT / f"faults/instant/{name}.py", folder / place)
    change(folder, {"train.epochs": 1.0, "tune.pruner": "none", "tune.strategy": "random"})
    change_space(folder, "train.lr: {low: 1.0e-6, high: 0.9, log: true}")
    commit(folder)
    return folder


def on_sqlite(one: Attempt, workers: int, each: int) -> None:
    """Let one search with so many workers use up its budget."""
    one.tried = workers * each
    one.what = f"{one.tried} instant trials, {workers} workers, SQLite"
    repository = _copy(one, "one", workers=workers)
    _search(one, {"one": repository}, {})
    [file] = (repository / "data/studies").glob("*.db")
    with closing(sqlite3.connect(file)) as connection:
        _promise_once(one, connection.execute(TRIALS).fetchall())


def on_postgresql(one: Attempt, workers: int, each: int) -> None:
    """Let two clones with half of the workers each use up one budget."""
    one.tried = workers * each
    one.what = f"{one.tried} instant trials, two clones with {workers // 2} workers, PostgreSQL"
    clones = {name: _copy(one, name, workers=workers // 2) for name in ("one", "other")}
    with server() as database:
        _search(one, clones, {"TUNE_STORAGE": database.url})
        _promise_once(one, database.select(TRIALS))


def _copy(one: Attempt, name: str, *, workers: int) -> Path:
    repository = one.folder / name / "repository"
    shutil.copytree(one.base, repository, symlinks=True)
    change(repository, {"tune.trials": one.tried, "tune.workers": workers})
    return repository


def _search(one: Attempt, clones: Mapping[str, Path], more: Mapping[str, str]) -> None:
    """Run the searches at the same time, and see them succeed."""
    with ExitStack() as running:
        processes = {}
        for name, repository in clones.items():
            given = environment(repository) | dict(more) | {"PYTHONPATH": str(repository)}
            log = running.enter_context((one.folder / name / "output.txt").open("w"))
            processes[name] = subprocess.Popen(
                [sys.executable, OWNER], cwd=repository, env=given, stdout=log, stderr=log
            )
            running.callback(processes[name].kill)  # where it hangs; its workers end with it
        for name, process in processes.items():
            said = one.folder / name / "output.txt"
            promise(process.wait(timeout=HANGS) == 0, said.read_text("utf-8")[-1000:])


def _promise_once(one: Attempt, rows: Sequence[tuple[int, str, float]]) -> None:
    """Look whether every trial was begun once, ended once, and had values of its own."""
    states = Counter(state for _, state, _ in rows)
    promise(states == {"COMPLETE": one.tried}, f"not {one.tried} finished trials: {dict(states)}")
    promise(len({value for *_, value in rows}) == one.tried, "values were tried twice")
    lines = [path.read_text("utf-8").split() for path in one.folder.glob("*/jobs")]
    jobs = Counter(name.rpartition("-")[2] for words in lines for name in words[::2])
    promise(max(jobs.values()) == 1, f"jobs were done twice: {jobs.most_common(3)}")
    promise(
        {int(number) for number in jobs} == {number for number, *_ in rows},
        f"{len(jobs)} jobs were done for {len(rows)} trials",
    )
    busy = {worker for words in lines for worker in words[1::2]}
    one.what += f"; {len(busy)} processes had some"


def _crowd(kind: Callable[[Attempt, int, int], None], *, quick: bool) -> Try:
    workers, each = FEW if quick else (WORKERS, EACH)
    return lambda one: kind(one, workers, each)


ROWS = {
    "sqlite": Row(
        "8 workers × 50 instant trials on SQLite: none lost, none twice",
        prepare,
        lambda quick: [_crowd(on_sqlite, quick=quick)],
    ),
    "postgresql": Row(
        "two clones, 8 workers × 50 instant trials on PostgreSQL: none lost, none twice",
        prepare,
        lambda quick: [_crowd(on_postgresql, quick=quick)],
    ),
}
