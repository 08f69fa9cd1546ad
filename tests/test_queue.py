"""The queue with the real DVC: a worker that is killed, and one that is not."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.dvc_queue import run_queue
from tests.repository import dvc, environment, stage
from tests.tiny_repository import wait_for
from tests.toy_project import make_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def worker(project: Path) -> int:
    """Return the process of the queue's first worker."""
    file = project / ".dvc/tmp/exps/celery/dvc-exp-worker-1.pid"
    return int(file.read_text(encoding="ascii"))


def start_queue(project: Path) -> None:
    """Start a worker, which holds what it writes to for as long as it lives."""
    command = [sys.executable, "-m", "dvc", "queue", "start"]
    silent = subprocess.DEVNULL
    subprocess.run(
        command, cwd=project, env=environment(project), stdout=silent, stderr=silent, check=True
    )


def trainings(project: Path) -> int:
    return len((project.parent / "trainings.log").read_text(encoding="utf-8").splitlines())


def answer(project: Path) -> str:
    """Return what the command says once the worker answers."""
    said = ""

    def answered() -> bool:
        nonlocal said
        try:
            said = stage(project, "queue")
        except AssertionError as error:
            if "does not answer yet; run this again in a moment" not in str(error):
                raise
        return bool(said)

    wait_for(answered)
    return said


def test_a_run_whose_worker_was_killed_waits_again_under_its_name(project: Path) -> None:
    before = trainings(project)
    (project.parent / "wait").touch()
    dvc(project, "exp", "run", "--queue", "--name", "grid", "-S", "train.lr=3e-3,4e-3")
    start_queue(project)
    wait_for(lambda: trainings(project) > before)
    assert "queue: no run is dead" in answer(project)  # the worker is at it

    os.kill(worker(project), signal.SIGKILL)
    assert "Running" in dvc(project, "queue", "status")
    assert "queue: grid-1 had no worker any more and will be run again" in answer(project)
    assert "queue: no run is dead" in answer(project)
    assert "Running" not in dvc(project, "queue", "status")
    (project.parent / "wait").unlink()
    status = run_queue(partial(dvc, project))
    assert status.count("Success") == 2
    shown = json.loads(dvc(project, "exp", "show", "--json"))
    runs = [run["revs"][0] for run in shown[1]["experiments"]]
    assert {run["name"] for run in runs} == {"grid-1", "grid-2"}
