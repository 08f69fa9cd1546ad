"""The queue with the real DVC: a worker that is killed, and one that is not."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.dvc_queue import put_back, run_queue, start_queue, worker
from tests.repository import dvc
from tests.tiny_repository import wait_for
from tests.toy_project import make_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def trainings(project: Path) -> int:
    return len((project.parent / "trainings.log").read_text(encoding="utf-8").splitlines())


def test_a_run_whose_worker_was_killed_waits_again_under_its_name(project: Path) -> None:
    before = trainings(project)
    (project.parent / "wait").touch()
    dvc(project, "exp", "run", "--queue", "--name", "grid", "-S", "train.lr=3e-3,4e-3")
    start_queue(project)
    wait_for(lambda: trainings(project) > before)
    assert "queue: no run is dead" in put_back(project)  # the worker is at it

    os.kill(worker(project), signal.SIGKILL)
    assert "Running" in dvc(project, "queue", "status")
    assert "queue: grid-1 had no worker any more and will be run again" in put_back(project)
    assert "queue: no run is dead" in put_back(project)
    assert "Running" not in dvc(project, "queue", "status")
    (project.parent / "wait").unlink()
    status = run_queue(project)
    assert status.count("Success") == 2
    shown = json.loads(dvc(project, "exp", "show", "--json"))
    runs = [run["revs"][0] for run in shown[1]["experiments"]]
    assert {run["name"] for run in runs} == {"grid-1", "grid-2"}
