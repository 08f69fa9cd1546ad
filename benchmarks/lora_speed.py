"""LoRA of a decoder-only model beside peft with a plain `Trainer`, and its decoding.

SmolLM2-135M-Instruct and English dialogues where `make smollm` has been and they lie beside the
clone, else a Llama of its shape with weights by chance, whose summaries do not end; rank 16 on all
linear layers. Plain means what most scripts do: rows as they come, padded to the longest, logits
for every position; and `generate()` in file order. Both sides learn the same tokens.
"""

import copy
import csv
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import datasets
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Trainer,
    TrainingArguments,
)

from benchmarks.ratio import Ratio, medians, run, seconds
from benchmarks.real_data import REAL, ROOT, encoded, params, read_split, train_tokenizer
from benchmarks.trainers import ours
from stages.dialogue.records import Record
from stages.model.adapter import add_adapter
from stages.model.causal_tokenizer import save_causal_tokenizer
from stages.model.device import device, release_memory, resolve_precision
from stages.model.examples import encode_pairs
from stages.model.kinds import read_config
from stages.model.tokenizer import Encoded, read_tokenizer
from stages.model.torch_engine import Torch
from stages.params import Generate, Lora, Prompt, Train

SMOLLM = ROOT / "models/smollm2-135m-instruct"
Ids = list[list[int]]
Side = Callable[[Any, datasets.Dataset, Train, Path], Trainer]
PROMPT = 40
"""Tokens around a dialogue: system message and request."""
DECODED_TOGETHER = 32
LORA = Lora(rank=16, alpha=32, dropout=0.05, targets="all_linear")


def measure(
    *,
    rows: int = 48,
    batch_size: int = 8,
    epochs: int = 1,
    dialogues: int = 50,
    new_tokens: int = 60,
    layers: int = 30,
    rounds: int = 3,
) -> list[Ratio]:
    """Return how much faster training, both sides for so many epochs, and greedy decoding are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = SMOLLM.exists() and (REAL / "en").exists()
        base, columns, sources = (
            _real(folder, rows, dialogues) if real else _made(folder, rows, dialogues, layers)
        )
        data = datasets.Dataset.from_dict(columns)
        changes = {
            "epochs": float(epochs),
            "batch_size": batch_size,
            "max_steps": 0,
            "label_smoothing": 0.0,
        }
        train = Train.model_validate(params().train.model_dump() | changes)
        adapted = add_adapter(base, LORA, name=str(SMOLLM if real else folder))

        def taken(side: Side, train: Train) -> float:
            release_memory()
            return seconds(side(copy.deepcopy(adapted), data, train, folder).train)

        few = train.model_copy(update={"max_steps": 2})
        for side in (ours, _plain):  # kernels are loaded when they are first met
            taken(side, few)
        trained = medians(
            {"ours": lambda: taken(ours, train), "plain": lambda: taken(_plain, train)},
            rounds=rounds,
        )
        decoded = _decoded(adapted.merge_and_unload(), sources, new_tokens, rounds=rounds)
    beside = f"peft and a plain Trainer, batch {batch_size}{'' if real else ', made model'}"
    return [
        _ratio("train", trained, 1.5, f"{len(data)} rows, {beside}"),
        _ratio("decode", decoded, 2, f"generate() in file order, batch {DECODED_TOGETHER}, greedy"),
    ]


def _ratio(name: str, found: dict[str, float], goal: float, beside: str) -> Ratio:
    faster = round(found["plain"] / found["ours"], 2)
    taken = (f"{found[side]:.1f} s" for side in ("ours", "plain"))
    return Ratio(f"lora_speed.{name}", faster, goal, beside, "times as fast", *taken)


Columns = dict[str, list[list[int]]]


def _real(folder: Path, rows: int, dialogues: int) -> tuple[Any, Columns, Ids]:
    """Return the pretrained model, training rows, and the first dialogues of test."""
    prompt = save_causal_tokenizer(
        str(SMOLLM),
        read_config(str(SMOLLM)),
        Prompt(system="", user="auto", thinking=False),
        language="en",
        folder=folder,
    )
    tokenizer = read_tokenizer(folder)

    def pairs(split: str, count: int) -> tuple[list[Encoded], list[Encoded]]:
        with (REAL / f"en/{split}.csv").open(encoding="utf-8", newline="") as file:
            table = list(islice(csv.DictReader(file), count))
        key = "summary" if "summary" in table[0] else "summary1"
        records = [Record(row["fname"], row["dialogue"], (row[key],), "") for row in table]
        return encode_pairs(tokenizer, records, prompt, (1024, 128))

    texts, summaries = pairs("train", rows)
    columns = {"input_ids": [one.ids for one in texts], "labels": [one.ids for one in summaries]}
    model = AutoModelForCausalLM.from_pretrained(SMOLLM, dtype=torch.float32)
    return model, columns, [one.ids for one in pairs("test", dialogues)[0]]


def _made(folder: Path, rows: int, dialogues: int, layers: int) -> tuple[Any, Columns, Ids]:
    """Return a model of the same shape, training rows, and dialogues of dev."""
    train_tokenizer(folder, vocabulary=16_000)
    columns = _prompted(encoded(folder, read_split("train", rows)))
    sources = _prompted(encoded(folder, read_split("dev", dialogues)))["input_ids"]
    return _llama(folder, layers=layers), columns, sources


def _prompted(columns: dict[str, list[list[int]]]) -> dict[str, list[list[int]]]:
    before = [5] * (PROMPT // 2)
    return columns | {"input_ids": [before + ids + before for ids in columns["input_ids"]]}


def _llama(folder: Path, *, layers: int) -> Any:
    """Write a model of SmolLM2-135M's shape, and return it."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49_152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=layers,
        num_attention_heads=9,
        num_key_value_heads=3,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=49_151,  # written by no tokenizer of this size: all summaries are as long
    )
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    return model


def _plain(model: Any, data: Any, train: Train, folder: Path) -> Trainer:
    precision = resolve_precision(train.precision)
    arguments = TrainingArguments(
        output_dir=str(folder),
        learning_rate=train.lr,
        per_device_train_batch_size=train.batch_size,
        num_train_epochs=train.epochs,
        max_steps=train.max_steps or -1,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        save_strategy="no",
        disable_tqdm=True,
        logging_strategy="no",
        report_to="none",
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),  # else it warns
    )
    return Trainer(model, arguments, train_dataset=data, data_collator=_collate)


def _collate(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Pad to the longest row, with a mask, as most scripts do."""
    ids = [torch.tensor(row["input_ids"] + row["labels"]) for row in rows]
    labels = [torch.tensor([-100] * len(row["input_ids"]) + row["labels"]) for row in rows]
    return {
        "input_ids": pad_sequence(ids, batch_first=True),
        "attention_mask": pad_sequence([torch.ones_like(one) for one in ids], batch_first=True),
        "labels": pad_sequence(labels, batch_first=True, padding_value=-100),
    }


def _decoded(model: Any, sources: Ids, new_tokens: int, *, rounds: int) -> dict[str, float]:
    """Return the seconds of each side."""
    model = model.to(device()).eval()
    ways = {"ours": _by_length, "plain": _in_file_order}
    work = {side: partial(way, model, sources, new_tokens) for side, way in ways.items()}
    return medians({side: partial(seconds, one) for side, one in work.items()}, rounds=rounds)


def _by_length(model: Any, sources: list[list[int]], new_tokens: int) -> object:
    changes = {"num_beams": 1, "max_new_tokens": new_tokens, "no_repeat_ngram_size": 0}
    greedy = Generate.model_validate(params().generate.model_dump() | changes)
    return Torch(model).generate(sources, greedy)


@torch.inference_mode()
def _in_file_order(model: Any, sources: list[list[int]], new_tokens: int) -> object:
    written = []
    for start in range(0, len(sources), DECODED_TOGETHER):
        batch = [torch.tensor(ids[::-1]) for ids in sources[start : start + DECODED_TOGETHER]]
        ids = pad_sequence(batch, batch_first=True).flip(1).to(model.device)
        mask = (ids != 0).long()
        written.append(
            model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=new_tokens,
                num_beams=1,
                do_sample=False,
            )
        )
    return written


if __name__ == "__main__":
    run(
        measure,
        quick={
            "rows": 4,
            "batch_size": 2,
            "dialogues": 4,
            "new_tokens": 4,
            "layers": 1,
            "rounds": 1,
        },
    )
