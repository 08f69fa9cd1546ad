"""Three ways to train the same model on the same rows: ours, and two that people use.

All three see the same params; none decodes or saves anything while it trains.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import (
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    default_data_collator,
)

from stages.model.trainer import LengthTrainer
from stages.params import Train

SOURCE, TARGET = 512, 100
"""Tokens to which the published baseline pads every dialogue and every summary."""

Trainer = Callable[[Any, datasets.Dataset, Train, Path], Seq2SeqTrainer]
"""Takes the model, its rows, the params, and the folder of the tokenizer."""


def ours(model: Any, rows: datasets.Dataset, train: Train, folder: Path) -> Seq2SeqTrainer:
    """Return the trainer of the stage `train`."""
    settings = Train.model_validate(train.model_dump() | {"patience": 0})
    trainer = LengthTrainer(model, rows, settings, score=lambda _: 0.0, folder=folder / "ours")
    trainer.args.eval_strategy = trainer.args.save_strategy = "no"
    trainer.args.load_best_model_at_end = False
    return trainer


def plain(model: Any, rows: datasets.Dataset, train: Train, folder: Path) -> Seq2SeqTrainer:
    """Return what Hugging Face's run_summarization.py sets up.

    Rows in random order, padded to the longest in the batch; the Trainer's own optimizer (fused
    AdamW); https://github.com/huggingface/transformers/tree/main/examples/pytorch/summarization
    """
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return _silent(
        Seq2SeqTrainer(
            model=model,
            args=_arguments(train, folder / "plain"),
            train_dataset=rows,
            data_collator=DataCollatorForSeq2Seq(tokenizer, model=model, label_pad_token_id=-100),
        )
    )


def padded(model: Any, rows: datasets.Dataset, train: Train, folder: Path) -> Seq2SeqTrainer:
    """Return the competition's published baseline: all padded to 512 and 100, labels as well."""
    pad, start = model.config.pad_token_id, model.config.decoder_start_token_id

    def pad_row(row: dict[str, list[int]]) -> dict[str, list[int]]:
        source, target = row["input_ids"][:SOURCE], row["labels"][:TARGET]
        labels = target + [pad] * (TARGET - len(target))
        return {
            "input_ids": source + [pad] * (SOURCE - len(source)),
            "attention_mask": [1] * len(source) + [0] * (SOURCE - len(source)),
            "decoder_input_ids": [start, *labels[:-1]],
            "labels": labels,
        }

    padded_rows = datasets.Dataset.from_list([pad_row(row) for row in rows])
    return _silent(
        Seq2SeqTrainer(
            model=model,
            args=_arguments(train, folder / "padded"),
            train_dataset=padded_rows,
            data_collator=default_data_collator,
        )
    )


def _arguments(train: Train, folder: Path) -> Seq2SeqTrainingArguments:
    return Seq2SeqTrainingArguments(
        output_dir=str(folder),
        seed=train.seed,
        learning_rate=train.lr,
        per_device_train_batch_size=train.batch_size,
        gradient_accumulation_steps=train.gradient_accumulation_steps,
        num_train_epochs=train.epochs,
        max_steps=train.max_steps or -1,
        weight_decay=train.weight_decay,
        warmup_steps=train.warmup_ratio,
        lr_scheduler_type=train.lr_scheduler_type,
        label_smoothing_factor=train.label_smoothing,
        max_grad_norm=train.max_grad_norm,
        bf16=torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),  # else it warns
        save_strategy="no",
        disable_tqdm=True,
        report_to="none",
    )


def _silent(trainer: Seq2SeqTrainer) -> Seq2SeqTrainer:
    trainer.remove_callback(PrinterCallback)
    return trainer
