"""`Seq2SeqTrainer` with batches of similar length, a loss on real positions, ROUGE as judge."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)

from stages.command.errors import NoScoreError
from stages.model.adapter import check_bitsandbytes
from stages.model.batches import IGNORED, LengthBatches
from stages.model.device import device, resolve_precision, tuning
from stages.model.kind import kind_of
from stages.model.kinds import room
from stages.params import Train

Score = Callable[[Any], float]
"""Takes the model, returns dev `rouge_mean`; handed in, for `model` knows no metric."""
FUSED = {"adamw_torch": "adamw_torch_fused"}
"""The same arithmetic in one call for all weights in place of ten for each."""


class LengthTrainer(Seq2SeqTrainer):
    """Differs from its parent in which rows meet in a batch, in the loss, and in `evaluate`."""

    loss_is_scaled_for_ga = True

    def __init__(self, model: Any, rows: Any, train: Train, *, score: Score, folder: Path) -> None:
        """Take `rows` with `input_ids` and `labels`; checkpoints go to `folder`."""
        self.kind = kind_of(model.config)
        super().__init__(
            model=model,
            args=training_arguments(train, folder),
            train_dataset=rows,
            eval_dataset=rows,  # never read: the Trainer insists on one, `evaluate` asks `score`
            data_collator=partial(
                self.kind.collate, pad=model.config.pad_token_id, most=room(model.config)
            ),
        )
        self.remove_callback(PrinterCallback)
        self.add_callback(StopAtNan())
        if train.patience:
            self.add_callback(EarlyStoppingCallback(early_stopping_patience=train.patience))
        self.model_accepts_loss_kwargs = True  # so that compute_loss is told the step's tokens
        self.score = score
        self.settings = train

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return batches of rows of similar length."""
        batches = LengthBatches(
            self.kind.row_lengths(self.train_dataset),
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
            parts=self.settings.gradient_accumulation_steps,
        )
        loader = DataLoader(
            self.train_dataset.with_format("numpy"),
            batch_sampler=batches,
            collate_fn=self.data_collator,
            pin_memory=torch.cuda.is_available(),
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Go forward and backward over one batch."""
        with tuning(device()).fast_step():
            loss: torch.Tensor = super().training_step(*args, **kwargs)
        return loss

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Return the cross-entropy over the summary's tokens, averaged over the optimizer step."""
        labels = inputs["labels"]
        real = labels != IGNORED
        logits = self.kind.logits_of_summaries(model, self.accelerator.unwrap_model(model), inputs)
        loss = torch.nn.functional.cross_entropy(
            logits.float(),
            labels[real],
            label_smoothing=self.settings.label_smoothing,
            reduction="sum",
        )
        tokens = real.sum() if num_items_in_batch is None else num_items_in_batch
        loss = loss * self.accelerator.num_processes / tokens
        return (loss, {"logits": logits}) if return_outputs else loss

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Score the model; the Trainer keeps the checkpoint of the best score."""
        self.model.eval()
        metrics = {"eval_rouge_mean": self.score(self.model)}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics


class StopAtNan(TrainerCallback):
    """End a training whose loss is no number any more."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Look at the loss that is logged."""
        if not math.isfinite(logs.get("loss", 0.0)):
            raise NoScoreError(
                f"the loss became {logs['loss']} by step {state.global_step}, for the training "
                "diverged: lower train.lr, or raise train.warmup_ratio"
            )


def training_arguments(train: Train, folder: Path) -> Seq2SeqTrainingArguments:
    """Translate the params into the Trainer's names."""
    precision = resolve_precision(train.precision)
    if "8bit" in train.optim:
        check_bitsandbytes(f"train.optim: {train.optim}", "adamw_torch")
    return Seq2SeqTrainingArguments(
        output_dir=str(folder),
        seed=train.seed,
        learning_rate=train.lr,
        per_device_train_batch_size=train.batch_size,
        gradient_accumulation_steps=train.gradient_accumulation_steps,
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
        use_cpu=precision == "bf16" and not torch.cuda.is_available(),  # refused without saying so
        bf16=precision == "bf16",
        fp16=precision == "fp16",
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
        report_to="none",
    )
