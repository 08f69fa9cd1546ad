"""Two processes on the CPU that train together, as the stage `train` starts them."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from stages import train
from stages.command.errors import NoScoreError, UserError
from stages.command.gpus import take_one_gpu
from stages.model.ranks import resources
from stages.params import Params

ROOT = Path(__file__).resolve().parents[1]

Change = Callable[..., Params]
Rewrite = Callable[[Params], None]
Files = Callable[..., dict[str, bytes]]


@pytest.fixture(autouse=True)
def path_to_the_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def losses() -> list[float]:
    with Path("metrics/train/loss.csv").open(encoding="utf-8", newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def weights() -> dict[str, torch.Tensor]:
    return load_file("models/summarizer/model.safetensors")


@pytest.mark.parametrize(("batch_size", "steps"), [(6, 1), (2, 3)])
@pytest.mark.usefixtures("trained")
def test_two_processes_train_what_one_does(
    change: Change,
    rewrite: Rewrite,
    files: Files,
    capfd: pytest.CaptureFixture[str],
    batch_size: int,
    steps: int,
) -> None:
    # Eight rows: one step of 6, and one of 2, of which some parts have none.
    settings = (
        *("model.dropout", 0.0, "train.max_steps", 20, "train.batch_size", batch_size),
        *("train.gradient_accumulation_steps", steps),
    )
    rewrite(change(*settings))
    train.main()
    alone, expected, written = losses(), weights(), files("models", "metrics").keys()
    capfd.readouterr()
    rewrite(change(*settings, "train.processes", 2))
    train.main()
    assert len(alone) == 20
    assert losses() == pytest.approx(alone, abs=1e-4)
    for name, weight in weights().items():
        torch.testing.assert_close(weight, expected[name], rtol=1e-3, atol=1e-4)
    assert files("models", "metrics").keys() == written
    said = capfd.readouterr().out
    assert [line[:17] for line in said.splitlines()] == ["train: needs abou", "train: models/sum"]


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in text.split()]


def wait_for(reached: Callable[[], object]) -> None:
    end = time.monotonic() + 90
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def running(change: Change, rewrite: Rewrite, trained: Path) -> Iterator["subprocess.Popen[str]"]:
    """Yield a training in two processes that has a checkpoint, and an hour to go."""
    rewrite(change("train.epochs", 5000, "train.processes", 2))
    stage = subprocess.Popen(
        [sys.executable, "-m", "stages.train"], cwd=trained, text=True, stderr=subprocess.PIPE
    )
    wait_for(lambda: list(Path("models/checkpoints").glob("*/checkpoint-*/trainer_state.json")))
    with stage:
        yield stage
        stage.kill()


def test_a_dead_process_ends_all(running: "subprocess.Popen[str]") -> None:
    ranks = children(running.pid)
    assert len(ranks) == 2
    os.kill(ranks[1], signal.SIGKILL)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert said.splitlines()[-1] == (
        "error: train.processes: process 2 of 2 was ended by SIGKILL, and so has the training"
    )
    assert not any(Path(f"/proc/{rank}").exists() for rank in ranks)


def test_with_the_stage_its_processes_end(running: "subprocess.Popen[str]") -> None:
    ranks = children(running.pid)
    assert len(ranks) == 2
    running.kill()
    wait_for(lambda: not any(Path(f"/proc/{rank}").exists() for rank in ranks))


@pytest.mark.usefixtures("trained")
def test_a_stopped_training_goes_on(change: Change, rewrite: Rewrite, files: Files) -> None:
    rewrite(change("train.epochs", 4, "train.processes", 2))
    told: list[float] = []

    class Stopped(Exception):  # noqa: N818 (nothing went wrong)
        pass

    def stop(epoch: float, _: float) -> None:
        told.append(epoch)
        raise Stopped

    params = change("train.epochs", 4, "train.processes", 2)
    with pytest.raises(Stopped), train.own_checkpoints(params) as folder:
        train.train_summarizer(params, folder, on_epoch=stop)
    with train.own_checkpoints(params) as again:
        train.train_summarizer(params, again, on_epoch=lambda epoch, _: told.append(epoch))
    assert again == folder
    assert told[0] == 1.0
    assert told == sorted(told)
    resumed = files("models", "metrics/train")
    train.main()
    assert files("models", "metrics/train") == resumed


@pytest.mark.usefixtures("trained")
def test_the_sentence_of_a_process_is_that_of_the_stage(change: Change, rewrite: Rewrite) -> None:
    rewrite(change("train.lr", 1e9, "train.max_grad_norm", 0.0, "train.processes", 2))
    with pytest.raises(NoScoreError, match="diverged: lower train"):
        train.main()


@pytest.mark.usefixtures("project")
def test_torchrun_by_hand_is_refused_in_one_sentence() -> None:
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
    done = subprocess.run(
        [sys.executable, *command, "-m", "stages.train"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    [sentence] = said
    assert sentence == (
        "error: train was started by torchrun or accelerate launch, and it starts its processes "
        "itself: set train.processes, then run dvc repro"
    )


def test_processes_share_gpus_or_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,3,4")
    assert resources(2) == {"CUDA_VISIBLE_DEVICES": "1,3"}
    with pytest.raises(UserError, match="each of the 4 needs a GPU, and there are 3; lower it"):
        resources(4)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.delenv("OMP_NUM_THREADS")
    cores = len(os.sched_getaffinity(0))
    assert resources(cores) == {"OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize(("visible", "taken"), [("2,3", "2"), ("", ""), ("GPU-8932f937",) * 2])
def test_one_process_sees_one_gpu(
    monkeypatch: pytest.MonkeyPatch, visible: str, taken: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    take_one_gpu()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == taken
