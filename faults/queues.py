"""DVC's queue: kills of its worker, and many runs at once, each of which keeps its own values."""

import json
import math
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from faults.attempt import Attempt, Row, promise
from faults.processes import SIGNALS, kill
from tests.dvc_queue import put_back, run_queue, start_queue, worker
from tests.repository import dvc
from tests.toy_project import make_project

KILLED, AT_ONCE, WORKERS = 3, 24, 3


def prepare(folder: Path) -> Path:
    """Make a project whose stages take a moment."""
    folder.mkdir()
    return make_project(folder)


def copy(one: Attempt) -> Path:
    """Copy it."""
    project = one.folder / "project"
    shutil.copytree(one.base, project, symlinks=True)
    return project


def grid(n: int) -> list[float]:
    """Return so many learning rates."""
    return [round(1e-3 + 1e-4 * number, 6) for number in range(1, n + 1)]


def queue_up(project: Path, rates: list[float]) -> None:
    """Queue a run for each learning rate."""
    values = ",".join(map(str, rates))
    dvc(project, "exp", "run", "--queue", "--name", "grid", "-S", f"train.lr={values}")


def promise_own_values(project: Path, rates: list[float], status: str) -> None:
    """Look whether every run succeeded, under its name, with its own values and its own score."""
    promise(status.count("Success") == len(rates), f"not {len(rates)} successes: {status}")
    shown = json.loads(dvc(project, "exp", "show", "--json"))
    runs = {run["revs"][0]["name"]: run["revs"][0]["data"] for run in shown[1]["experiments"]}
    names = {f"grid-{number}" for number in range(1, len(rates) + 1)}
    promise(runs.keys() == names, f"experiments are {sorted(runs)}")
    found = {name: _rate(run["params"]["params.yaml"]["data"]) for name, run in runs.items()}
    promise(
        all(math.isclose(found[f"grid-{n}"], rate) for n, rate in enumerate(rates, 1)),
        f"runs have each other's values: {found}",
    )
    weights = {run["metrics"]["metrics/train.json"]["data"]["weights"] for run in runs.values()}
    promise(len(weights) == len(rates), "two runs have the same weights")


def _rate(params: Mapping[str, Mapping[str, float]]) -> float:
    return float(params["train"]["lr"])


def kill_worker(one: Attempt, what: signal.Signals) -> None:
    """Kill the queue's worker; `python -m stages.queue` lets the run that it had wait again."""
    moment = one.chance.uniform(0, 12)
    one.what = f"{what.name} of the queue's worker {moment:.2f} s after its start"
    project = copy(one)
    queue_up(project, grid(KILLED))
    start_queue(project)
    time.sleep(moment)
    with suppress(FileNotFoundError):  # not there yet, or not any more
        kill(worker(project), what)
    one.said.append(put_back(project))
    status = run_queue(project)
    promise_own_values(project, grid(KILLED), status)


def many_at_once(one: Attempt, n: int) -> None:
    """Run many with three workers at a time."""
    one.what, one.tried = f"{n} queued runs, {WORKERS} at a time", n
    project = copy(one)
    queue_up(project, grid(n))
    promise_own_values(project, grid(n), run_queue(project, jobs=WORKERS))


ROWS = {
    "queue": Row(
        "kill -9 and TERM of the queue's worker, then `python -m stages.queue`",
        prepare,
        lambda quick: [partial(kill_worker, what=what) for what in SIGNALS * (1 if quick else 3)][
            : 1 if quick else None
        ],
    ),
    "runs": Row(
        "24 queued runs, `dvc queue start -j 3`: each succeeds, with its own values",
        prepare,
        lambda quick: [partial(many_at_once, n=4 if quick else AT_ONCE)],
    ),
}
