"""The fine-tune: from a model and rows of token ids to the weights of its best epoch."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.progress import Progress
from safetensors import SafetensorError, safe_open

from stages.command.errors import BatchTooLargeError, UserError
from stages.command.progress import say
from stages.model.adapter import is_quantized
from stages.model.batches import targets_of
from stages.model.callbacks import (
    OnEpoch,
    ReportEpochs,
    ShowProgress,
    WriteCurves,
    losses_of,
    scores_of,
)
from stages.model.device import autocast_format, device, memory_for
from stages.model.kind import kind_of
from stages.model.kinds import room
from stages.model.memory import free_memory, memory_needed
from stages.model.torch_engine import Torch
from stages.model.tracking import NOWHERE, Tracking
from stages.model.trainer import LengthTrainer, Score, rows_at_once
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


def fine_tune(
    model: Any,
    rows: Any,
    train: Train,
    *,
    score: Score,
    checkpoints: Path,
    progress: Progress,
    curves: Path,
    parts: int = 1,
    told: Tracking = NOWHERE,
    on_epoch: OnEpoch = lambda epoch, score: None,
) -> History:
    """Train `model` in place and leave it with the weights of its best epoch.

    `rows` is a `datasets.Dataset` with `input_ids` and `labels`. After each epoch `score` is
    asked how good the model is, and a checkpoint is kept in `checkpoints`, from where a training
    that was stopped goes on; in `curves` stand its learning curves as far as it has come. Raises
    `UserError` when the memory does not suffice or the loss is no number any more; it is a
    `BatchTooLargeError` where more `parts` of a batch may help.
    """
    free = free_memory(device())
    with memory_for("this training", remedy=REMEDY):
        model = model if is_quantized(model) else model.to(device())
        most = longest(rows)
        check_by_trying(model, most)
        rows_now = rows_at_once(train, parts=parts)
        cast = autocast_format(model, train.precision)
        needed = memory_needed(model.train(), most[0], train, rows=rows_now, autocast=cast)
    say(f"train: {needed.sentence(free=free)}")
    trainer = LengthTrainer(
        model, rows, train, score=score, folder=checkpoints, parts=parts, told=told
    )
    if trainer.is_world_process_zero():
        for callback in (ShowProgress(progress), WriteCurves(curves), ReportEpochs(on_epoch)):
            trainer.add_callback(callback)
    with memory_for("this training", remedy=REMEDY, error=BatchTooLargeError):
        trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints))
    trainer.accelerator.wait_for_everyone()  # each reads the best checkpoint, which goes then
    return history_of(trainer.state)


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest checkpoint in `folder` that was written to its end, or None."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    return next((str(path) for path in reversed(found) if _is_whole(path)), None)


def history_of(state: Any) -> History:
    """Read the curves out of the Trainer's state."""
    scores = scores_of(state)
    best_epoch, best_score = max(scores, key=lambda pair: pair[1])
    return History(
        losses=losses_of(state),
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
    logits = kind.logits_of_summaries(model, model, inputs)
    ours = torch.nn.functional.cross_entropy(logits.float(), targets_of(inputs))
    del inputs["places"]  # which transformers' models do not know
    with warnings.catch_warnings():  # a pair such as bert2bert tells of its loss in 2021
        warnings.simplefilter("ignore", FutureWarning)
        return ours, model(**inputs, use_cache=False).loss


def _is_whole(checkpoint: Path) -> bool:
    """Tell whether weights and `trainer_state.json`, which is written last, can be read."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
        with safe_open(weights_file(checkpoint), framework="pt"):
            return True
    except (OSError, ValueError, SafetensorError):
        return False
