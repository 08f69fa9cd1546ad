"""Who is told how a training goes while it goes on: the terminal, the curves, a search."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.progress import Progress
from transformers import TrainerCallback

from stages.command.errors import NoScoreError
from stages.command.files import write_csv

OnEpoch = Callable[[float, float], None]
"""Is told epoch and dev score; what it raises ends the training."""


def losses_of(state: Any) -> list[tuple[int, float, float, float]]:
    """Read step, epoch, loss and learning rate out of the Trainer's state."""
    log = [entry for entry in state.log_history if "loss" in entry]
    return [(e["step"], e["epoch"], e["loss"], e["learning_rate"]) for e in log]


def scores_of(state: Any) -> list[tuple[float, float]]:
    """Read epoch and dev `rouge_mean` out of the Trainer's state."""
    log = [entry for entry in state.log_history if "eval_rouge_mean" in entry]
    return [(entry["epoch"], entry["eval_rouge_mean"]) for entry in log]


def write_curves(folder: Path, state: Any) -> None:
    """Write loss.csv and dev.csv, each whole, for DVC's plots."""
    write_csv(folder / "loss.csv", ["step", "epoch", "loss", "lr"], losses_of(state))
    write_csv(folder / "dev.csv", ["epoch", "rouge_mean"], scores_of(state))


class WriteCurves(TrainerCallback):
    """Keep the files of the learning curves as new as the training is."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self.folder = folder

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave nothing of another training, and all of this one where it goes on."""
        write_curves(self.folder, state)

    def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write what there is."""
        write_curves(self.folder, state)


class StopAtNan(TrainerCallback):
    """End a training whose loss is no number any more."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Look at the loss that is logged."""
        if not math.isfinite(logs.get("loss", 0.0)):
            raise NoScoreError(
                f"the loss became {logs['loss']} by step {state.global_step}, for the training "
                "diverged: lower train.lr, or raise train.warmup_ratio"
            )


class ReportEpochs(TrainerCallback):
    """Tell the score of every epoch but the last, after which there is nothing left to end."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        """Take the function to tell."""
        self.on_epoch = on_epoch

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any
    ) -> None:
        """Tell it."""
        if state.global_step < state.max_steps:
            self.on_epoch(state.epoch, metrics["eval_rouge_mean"])


class ShowProgress(TrainerCallback):
    """Move a bar step by step; beside it stand loss and dev score."""

    def __init__(self, progress: Progress) -> None:
        """Take the bar."""
        self.progress = progress
        self.loss = self.dev = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Begin at 0, or where a stopped training goes on."""
        if state.global_step:
            self.progress.console.print(f"train: goes on from epoch {state.epoch:g}")
        self.task = self.progress.add_task(
            "train", total=state.max_steps, completed=state.global_step, note=""
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move on by one step."""
        self.progress.update(self.task, completed=state.global_step, note=self.loss + self.dev)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Show the newest figures."""
        if "loss" in logs:
            self.loss = f"loss {logs['loss']:.2f}"
        if "eval_rouge_mean" in logs:
            self.dev = f" · dev {logs['eval_rouge_mean']:.1f} (epoch {state.epoch:g})"
