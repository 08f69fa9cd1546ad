"""What trackers are told of a training, and that none is loaded where none is asked for."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stages import train
from stages.command.errors import UserError
from stages.command.files import read_csv
from stages.model.tracking import NOWHERE, tracking
from stages.params import Params

ROOT = Path(__file__).resolve().parents[2]


def git(*arguments: str) -> str:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def events(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Return the function that reads the scalars and texts of the events in a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    monkeypatch.setenv("YOYAK_REPORT_TO", "tensorboard")
    monkeypatch.delenv("TENSORBOARD_LOGGING_DIR", raising=False)

    def read(folder: str) -> dict[str, Any]:
        found = EventAccumulator(str(trained / folder)).Reload()
        scalars = {
            tag: [(one.step, one.value) for one in found.Scalars(tag)]
            for tag in found.Tags()["scalars"]
        }
        texts = {
            tag: make_ndarray(found.Tensors(tag)[0].tensor_proto).tolist()[0].decode()
            for tag in found.Tags()["tensors"]
        }
        return scalars | texts

    return read


def test_tensorboard_has_curves_params_and_revision_under_the_name_of_the_experiment(
    events: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "begin")
    monkeypatch.setenv("DVC_EXP_NAME", "swift-otter")
    train.main()
    found = events("runs/swift-otter")
    losses = [
        float(row["loss"])
        for row in read_csv(Path("metrics/train/loss.csv"), made_by="dvc repro train")
    ]
    assert [step for step, _ in found["train/loss"]] == [1, 2, 3, 4]
    assert [value for _, value in found["train/loss"]] == pytest.approx(losses)
    assert [step for step, _ in found["eval/rouge_mean"]] == [2, 4]
    for fact in ('"train.lr": 0.001', '"rouge.tokenizer": "mecab"', git("rev-parse", "HEAD")):
        assert fact in found["args/text_summary"]
    assert "TENSORBOARD_LOGGING_DIR" not in os.environ


def test_outputs_are_the_same_with_a_tracker(
    events: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths = [Path("metrics/train.json"), *Path("models/summarizer").iterdir()]
    before = [path.read_bytes() for path in paths]
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "elsewhere"))
    train.main()
    assert [path.read_bytes() for path in paths] == before
    assert events("elsewhere/workspace")["train/loss"]
    assert not Path("runs").exists()


@pytest.mark.usefixtures("trained")
def test_nothing_is_loaded_where_nothing_is_asked_for() -> None:
    code = (
        "import sys; from stages import train; train.main(); "
        "sys.exit(bool({'tensorboard', 'wandb', 'mlflow', 'trackio'} & set(sys.modules)))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "YOYAK_REPORT_TO"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("tensorboard,comet", "YOYAK_REPORT_TO: comet is none of mlflow, tensorboard, trackio"),
        ("wandb", "YOYAK_REPORT_TO: wandb is not installed; pip install wandb"),
    ],
)
def test_a_tracker_that_cannot_be_told_is_said(
    tiny: Params, monkeypatch: pytest.MonkeyPatch, asked: str, sentence: str
) -> None:
    monkeypatch.setenv("YOYAK_REPORT_TO", asked)
    with pytest.raises(UserError, match=sentence):
        tracking(tiny, run="")


def test_a_tracker_that_does_not_fit_what_is_installed_is_said(
    tiny: Params, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """MLflow 1.27, which pip takes beside this project's protobuf, imports like this one."""
    code = "from google.protobuf import service"
    (tmp_path / "mlflow.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("YOYAK_REPORT_TO", "mlflow")
    sentence = r"mlflow cannot be imported \(cannot import name 'service'"
    with pytest.raises(UserError, match=sentence):
        tracking(tiny, run="")


@pytest.mark.usefixtures("events")
def test_a_tracker_that_cannot_begin_ends_the_training_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "params.yaml"))
    with pytest.raises(UserError, match=r"TensorBoard could not begin \(.*params\.yaml"):
        train.main()


def test_a_tracker_that_fails_later_is_told_no_more_and_training_goes_on(
    events: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from torch.utils.tensorboard import SummaryWriter

    paths = [Path("metrics/train.json"), *Path("models/summarizer").iterdir()]
    before = [path.read_bytes() for path in paths]
    add_scalar = SummaryWriter.add_scalar

    def until_the_second_step(writer: Any, name: str, value: float, step: int) -> None:
        if step == 2:
            raise ConnectionError("the server is gone")
        add_scalar(writer, name, value, step)

    monkeypatch.setattr(SummaryWriter, "add_scalar", until_the_second_step)
    train.main()
    assert [path.read_bytes() for path in paths] == before
    assert [step for step, _ in events("runs/workspace")["train/loss"]] == [1]
    said = "train: TensorBoard failed (the server is gone) and is told no more"
    assert capsys.readouterr().out.count(said) == 1


@pytest.mark.parametrize("asked", ["", "none"])
def test_none_is_none(tiny: Params, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv("YOYAK_REPORT_TO", asked)
    assert tracking(tiny, run="trial-1") == NOWHERE
