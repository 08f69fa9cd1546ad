"""The fine-tune: from a model and rows of token ids to the weights of its best epoch."""

import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.progress import Progress
from safetensors import SafetensorError, safe_open
from transformers import TrainerCallback

from stages.command.errors import UserError
from stages.command.progress import say
from stages.model.adapter import is_quantized
from stages.model.batches import IGNORED
from stages.model.device import device, memory_for
from stages.model.kind import kind_of
from stages.model.kinds import room
from stages.model.memory import free_memory, memory_needed
from stages.model.torch_engine import Torch
from stages.model.trainer import LengthTrainer, Score
from stages.model.weights import weights_file
from stages.params import Generate, Train

REMEDY = (
    "lower train.batch_size (and raise train.gradient_accumulation_steps by as much), "
    "tokenize.max_source_tokens or the model's size"
)


TWO_TOKENS = Generate(
    num_beams=1, length_penalty=1.0, no_repeat_ngram_size=0, max_new_tokens=2, engine="torch"
)
"""Enough to see that a model decodes at all."""


class History(NamedTuple):
    """What happened in a training."""

    losses: list[tuple[int, float, float, float]]
    """Step, epoch, training loss, learning rate; about a hundred of them."""
    scores: list[tuple[float, float]]
    """Epoch, dev `rouge_mean`; one an epoch."""
    steps: int
    best_epoch: float
    best_score: float


OnEpoch = Callable[[float, float], None]
"""Is told epoch and dev score; what it raises ends the training."""


def fine_tune(
    model: Any,
    rows: Any,
    train: Train,
    *,
    score: Score,
    checkpoints: Path,
    progress: Progress,
    on_epoch: OnEpoch = lambda epoch, score: None,
) -> History:
    """Train `model` in place and leave it with the weights of its best epoch.

    `rows` is a `datasets.Dataset` with `input_ids` and `labels`. After each epoch `score` is
    asked how good the model is, and a checkpoint is kept in `checkpoints`, from where a training
    that was stopped goes on. Raises `UserError` when the memory does not suffice or the loss is no
    number any more.
    """
    free = free_memory(device())
    with memory_for("this training", remedy=REMEDY):
        model = model if is_quantized(model) else model.to(device())
        most = longest(rows)
        check_by_trying(model, most)
        needed = memory_needed(model.train(), most[0], train)
    say(f"train: {needed.sentence(free=free)}")
    trainer = LengthTrainer(model, rows, train, score=score, folder=checkpoints)
    trainer.add_callback(ShowProgress(progress))
    trainer.add_callback(ReportEpochs(on_epoch))
    with memory_for("this training", remedy=REMEDY):
        trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints))
    return history_of(trainer.state)


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest checkpoint in `folder` that was written to its end, or None."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    return next((str(path) for path in reversed(found) if _is_whole(path)), None)


def history_of(state: Any) -> History:
    """Read the curves out of the Trainer's state."""
    log = state.log_history
    scores = [(e["epoch"], e["eval_rouge_mean"]) for e in log if "eval_rouge_mean" in e]
    best_epoch, best_score = max(scores, key=lambda pair: pair[1])
    return History(
        losses=[(e["step"], e["epoch"], e["loss"], e["learning_rate"]) for e in log if "loss" in e],
        scores=scores,
        steps=state.global_step,
        best_epoch=best_epoch,
        best_score=best_score,
    )


def longest(rows: Any) -> list[dict[str, Any]]:
    """Return the row with the longest dialogue and the one with the longest summary."""
    ids = rows.with_format("numpy")
    return [
        ids[max(range(len(ids)), key=[len(row) for row in rows[column]].__getitem__)]
        for column in ("input_ids", "labels")
    ]


def check_by_trying(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Raise `UserError` where the model's own loss for `rows` is another, or it cannot decode.

    So a kind that nobody has tried here ends at once, and not in a training of something else.
    """
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            ours, theirs = losses(model, rows)
        fault = "" if torch.isclose(ours, theirs, rtol=1e-3) else f"{ours:.4f}, not {theirs:.4f}"
        Torch(model).generate([rows[0]["input_ids"].tolist()], TWO_TOKENS)
    except torch.OutOfMemoryError:
        raise
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        if "allocate memory" in str(error):
            raise
        fault = " ".join(str(error).split())[:200]
    finally:
        model.train(training)
    if fault:
        raise UserError(
            f"model.name: models of kind {model.config.model_type} cannot be trained here: their "
            f"loss or their decoding has another form ({fault}); docs/models.md has the kinds that "
            "are tested"
        )


def losses(model: Any, rows: Sequence[dict[str, Any]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean cross-entropy of some rows, as it is trained by and as the model has it."""
    kind = kind_of(model.config)
    collated = kind.collate(rows, pad=model.config.pad_token_id, most=room(model.config))
    inputs = {key: value.to(model.device) for key, value in collated.items()}
    labels = inputs["labels"][inputs["labels"] != IGNORED]
    logits = kind.logits_of_summaries(model, model, inputs)
    ours = torch.nn.functional.cross_entropy(logits.float(), labels)
    with warnings.catch_warnings():  # a pair such as bert2bert tells of its loss in 2021
        warnings.simplefilter("ignore", FutureWarning)
        return ours, model(**inputs, use_cache=False).loss


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


def _is_whole(checkpoint: Path) -> bool:
    """Tell whether weights and `trainer_state.json`, which is written last, can be read."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        with safe_open(weights_file(checkpoint), framework="pt"):
            return True
    except (OSError, ValueError, SafetensorError):
        return False
