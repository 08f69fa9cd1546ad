"""`Seq2SeqTrainer` with batches of similar length, a loss on real positions, ROUGE as judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from accelerate.data_loader import prepare_data_loader
from accelerate.utils import broadcast_object_list
from torch.utils.data import DataLoader
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
)

from stages.model.adapter import check_bitsandbytes
from stages.model.batches import IGNORED, LengthBatches, TokenRows, targets_of
from stages.model.callbacks import StopAtNan
from stages.model.device import autocast_format, device, resolve_precision, tuning
from stages.model.kind import kind_of
from stages.model.kinds import Room, room
from stages.model.recorded_steps import RecordedSteps, may_record
from stages.model.tracking import NOWHERE, Tracking, events_of, guard
from stages.params import Train

Score = Callable[[Any], float]
"""Takes the model, returns dev `rouge_mean`; handed in, for `model` knows no metric."""
FUSED = {"adamw_torch": "adamw_torch_fused"}
"""The same arithmetic in one call for all weights in place of ten for each."""
A_DAY = 86_400
"""Seconds that a process waits for another, which decodes meanwhile: a dead one is seen by its
owner."""


@dataclass
class Arguments(Seq2SeqTrainingArguments):
    """Those of the Trainer; of a training, trackers are told what `to_dict` returns."""

    facts: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the Trainer's own values, and the facts beside them."""
        content: dict[str, Any] = super().to_dict()
        facts: dict[str, Any] = content.pop("facts")
        return content | facts


class LengthTrainer(Seq2SeqTrainer):
    """Differs from its parent in which rows meet in a batch, in the loss, and in `evaluate`."""

    loss_is_scaled_for_ga = True

    def __init__(
        self,
        model: Any,
        rows: Any,
        train: Train,
        *,
        score: Score,
        folder: Path,
        parts: int = 1,
        told: Tracking = NOWHERE,
    ) -> None:
        """Take `rows` with `input_ids` and `labels`; checkpoints go to `folder`.

        Each batch is split into `parts` accumulation steps, which train the same.
        """
        self.kind = kind_of(model.config)
        cast = autocast_format(model, train.precision)
        self.rounded = cast is None and resolve_precision(train.precision) == "bf16"
        pad, most = model.config.pad_token_id, room(model.config)
        with events_of(told):
            super().__init__(
                model=model,
                args=training_arguments(train, folder, parts=parts, told=told, autocast=cast),
                train_dataset=rows,
                eval_dataset=rows,  # never read: the Trainer wants one, `evaluate` asks `score`
                data_collator=partial(collate_some, kind=self.kind, pad=pad, most=most),
            )
        guard(self.callback_handler.callbacks)
        self.remove_callback(PrinterCallback)
        self.add_callback(StopAtNan())
        if train.patience:
            self.add_callback(EarlyStoppingCallback(early_stopping_patience=train.patience))
        self.model_accepts_loss_kwargs = True  # so that compute_loss is told the step's tokens
        self.score = score
        self.settings = train
        self.parts = parts
        recorder = tuning(device()).recorder() if may_record(model, train) else None
        self.recorded = recorder and RecordedSteps(model.parameters(), recorder)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return batches of rows of similar length."""
        processes = self.accelerator.num_processes
        batches = LengthBatches(
            self.kind.row_lengths(self.train_dataset),
            batch_size=rows_at_once(self.settings, parts=self.parts),
            seed=self.settings.seed,
            parts=self.args.gradient_accumulation_steps * processes,
            process=self.accelerator.process_index,
            processes=processes,
        )
        loader = DataLoader(
            TokenRows(self.train_dataset),
            batch_sampler=batches,
            collate_fn=self.data_collator,
            pin_memory=torch.cuda.is_available(),
        )
        # As accelerate does for a single process: it would deal out whole batches by itself.
        prepared: DataLoader[Any] = prepare_data_loader(
            loader,
            self.accelerator.device,
            num_processes=1,
            process_index=0,
            put_on_device=True,
            non_blocking=self.accelerator.non_blocking,
        )
        return prepared

    def training_step(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Go forward and backward over one batch; of `num_items_in_batch` see `compute_loss`."""
        step = partial(super().training_step, model)
        with tuning(device()).fast_step(rounded=self.rounded):
            if self.recorded and num_items_in_batch is not None:
                return self.recorded(step, inputs, num_items_in_batch)
            loss: torch.Tensor = step(inputs, num_items_in_batch)
        return loss

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Return the cross-entropy over the summary's tokens, averaged over the optimizer step.

        `num_items_in_batch` is the number of tokens that the optimizer step learns.
        """
        targets = targets_of(inputs)
        logits = self.kind.logits_of_summaries(model, self.accelerator.unwrap_model(model), inputs)
        loss = torch.nn.functional.cross_entropy(
            logits.float(),
            targets,
            ignore_index=IGNORED,
            label_smoothing=self.settings.label_smoothing,
            reduction="sum",
        )
        tokens = (targets != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = loss * self.accelerator.num_processes / tokens
        return (loss, {"logits": logits}) if return_outputs else loss

    def floating_point_ops(self, inputs: dict[str, torch.Tensor]) -> int:
        """Count none: nobody reads the sum, for which each step looks through all weights."""
        return 0

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Score the model; the Trainer keeps the checkpoint of the best score."""
        self.model.eval()
        scores = [self.score(self.model) if self.is_world_process_zero() else 0.0]
        if self.accelerator.num_processes > 1:
            broadcast_object_list(scores)
        metrics = {"eval_rouge_mean": scores[0]}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


def collate_some(
    rows: Sequence[dict[str, Any]], *, kind: ModuleType, pad: int, most: Room
) -> dict[str, torch.Tensor]:
    """Collate rows as their kind does; of none make a row of which nothing is learnt."""
    if rows:
        batch: dict[str, torch.Tensor] = kind.collate(rows, pad=pad, most=most)
        return batch
    nothing = collate_some([{"input_ids": [pad], "labels": [pad]}], kind=kind, pad=pad, most=most)
    nothing["labels"].fill_(IGNORED)
    return nothing


def rows_at_once(train: Train, *, parts: int) -> int:
    """Return how many dialogues one process takes in one forward pass."""
    return train.batch_size // train.processes // parts


def training_arguments(
    train: Train,
    folder: Path,
    *,
    parts: int = 1,
    told: Tracking = NOWHERE,
    autocast: torch.dtype | None = None,
) -> Arguments:
    """Translate the params into the Trainer's names."""
    if "8bit" in train.optim:
        check_bitsandbytes(f"train.optim: {train.optim}", "adamw_torch")
    return Arguments(
        output_dir=str(folder),
        seed=train.seed,
        learning_rate=train.lr,
        per_device_train_batch_size=rows_at_once(train, parts=parts),
        gradient_accumulation_steps=train.gradient_accumulation_steps * parts,
        num_train_epochs=train.epochs,
        max_steps=train.max_steps or -1,
        optim=FUSED.get(train.optim, train.optim),
        optim_args=f"momentum={train.momentum}" if train.optim in {"sgd", "rmsprop"} else None,
        weight_decay=train.weight_decay,
        warmup_steps=train.warmup_ratio,
        lr_scheduler_type=train.lr_scheduler_type,
        max_grad_norm=train.max_grad_norm,
        activation_checkpointing=train.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        use_cpu=not torch.cuda.is_available(),  # else bf16 and several processes are refused there
        bf16=autocast == torch.bfloat16,
        fp16=autocast == torch.float16,
        accelerator_config={"non_blocking": True},  # the next batch is on its way meanwhile
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        restore_callback_states_from_checkpoint=True,  # the patience that is left
        load_best_model_at_end=True,
        metric_for_best_model="rouge_mean",
        greater_is_better=True,
        logging_strategy="steps",
        logging_steps=0.01,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to=list(told.trackers) or "none",
        run_name=told.run,
        project="yoyak",
        facts=dict(told.facts),
        ddp_timeout=A_DAY,
        log_level_replica="error",
    )
