from pathlib import Path

import pytest

from stages.command.gpus import visible_gpus
from stages.workers.process import worker_environment


@pytest.mark.parametrize(
    ("gpus", "given"),
    [
        (["0"], ["0", "0", "0", "0", "0"]),
        (["0", "1"], ["0", "1", "0", "1", "0"]),
        (["2", "5", "GPU-8932f937"], ["2", "5", "GPU-8932f937", "2", "5"]),
    ],
)
def test_each_worker_has_one_gpu_in_turn(gpus: list[str], given: list[str]) -> None:
    environments = [worker_environment(number, gpus, processes=1) for number in range(5)]
    assert environments == [{"CUDA_VISIBLE_DEVICES": gpu} for gpu in given]


def test_each_worker_has_as_many_gpus_as_processes() -> None:
    environments = [worker_environment(number, list("0123"), processes=2) for number in range(3)]
    assert [one["CUDA_VISIBLE_DEVICES"] for one in environments] == ["0,1", "2,3", "0,1"]
    assert worker_environment(0, ["0"], processes=2) == {"CUDA_VISIBLE_DEVICES": "0"}


def test_without_a_gpu_threads_wait_asleep() -> None:
    assert worker_environment(1, [], processes=2) == {"OMP_WAIT_POLICY": "passive"}


@pytest.mark.parametrize(
    ("visible", "gpus"), [("1,3", ["1", "3"]), ("", []), ("GPU-8932f937", ["GPU-8932f937"])]
)
def test_gpus_are_those_that_the_user_leaves(
    monkeypatch: pytest.MonkeyPatch, visible: str, gpus: list[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert visible_gpus() == gpus


@pytest.mark.parametrize(
    ("program", "gpus"), [("echo 0; echo 1", ["0", "1"]), ("echo no driver; exit 9", [])]
)
def test_gpus_are_those_that_the_driver_lists(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, gpus: list[str]
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus() == gpus
