"""What a GPU gains: training, decoding and LoRA at KoBART's size beside what people run.

KoBART's size is made on the spot, with random weights; all sides train in bf16 where the card has
it. Says in one line that there is no GPU where there is none, and measures nothing.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import datasets
import torch
from transformers import BartForConditionalGeneration

from benchmarks import decode_speed, lora_speed
from benchmarks.processes import python
from benchmarks.ratio import Ratio, medians, run, seconds
from benchmarks.real_data import encoded, params, read_split
from benchmarks.repository import copy_sources
from benchmarks.trainers import Trainer, ours, padded, plain
from stages.params import Train

SIDES: dict[str, Trainer] = {"ours": ours, "plain": plain, "padded": padded}
GOALS = {(16, "plain"): 8.0, (50, "plain"): 4.5, (16, "padded"): 3.0, (50, "padded"): 3.0}
"""Rows in a batch and other side → how many times as fast ours should be."""
BESIDE = {
    "plain": "a plain Seq2SeqTrainer",
    "padded": "everything padded to 512 and 100 tokens, as the published baseline",
}
EPOCHS = 4.0
DECODING, LORA, REPRO = 4.0, 6.0, 3.0
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "2"}


def measure(
    *,
    rows: int = 2000,
    dialogues: int = 499,
    layers: int = 6,
    d_model: int = 768,
    new_tokens: int = 60,
    rounds: int = 2,
) -> list[Ratio]:
    """Return the ratios, or none where there is no GPU."""
    if not torch.cuda.is_available():
        print("gpu: there is no GPU here, so nothing is measured", file=sys.stderr)
        return []
    lora = lora_speed.measure(rows=rows // 4, batch_size=16, rounds=rounds)
    train = replace(lora[0], name="gpu.lora", goal=LORA)
    return [
        *training(rows=rows, layers=layers, d_model=d_model, rounds=rounds),
        *decoding(
            dialogues=dialogues,
            layers=layers,
            d_model=d_model,
            new_tokens=new_tokens,
            rounds=rounds,
        ),
        train,
        *repro(),
    ]


def repro(
    changes: Mapping[str, Mapping[str, object]] | None = None,
    *,
    rows: Mapping[str, int] | None = None,
) -> list[Ratio]:
    """Return how much faster the sample's `dvc repro` is than with two threads and no GPU.

    `changes` are other values of whole sections of params.yaml; `rows` are how many of each split
    there are, if not all.
    """
    taken = {}
    for side, variables in (("ours", {}), ("cpu", ON_CPU)):
        with tempfile.TemporaryDirectory() as name:
            folder = copy_sources(Path(name), changes or {}, rows=rows)
            taken[side] = python(folder, "-m", "dvc", "repro", variables=variables).seconds
    return [
        Ratio(
            "gpu.repro",
            round(taken["cpu"] / taken["ours"], 2),
            REPRO,
            "two threads of the same machine's CPU, the sample's dvc repro",
            "times as fast",
            f"{taken['ours']:.0f} s",
            f"{taken['cpu']:.0f} s",
        )
    ]


def training(*, rows: int, layers: int, d_model: int, rounds: int) -> list[Ratio]:
    """Return how much faster four epochs are, the making of kernels and graphs counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decode_speed.write_kobart(folder, layers=layers, d_model=d_model)
        data = datasets.Dataset.from_dict(encoded(folder, read_split("train", rows)))

        def once(side: Trainer, train: Train) -> float:
            model = BartForConditionalGeneration.from_pretrained(folder)
            return seconds(side(model, data, train, folder).train)

        found: list[Ratio] = []
        for batch_size in (16, 50):
            changes = {"epochs": EPOCHS, "batch_size": batch_size, "max_steps": 0}
            train = Train.model_validate(params().train.model_dump() | changes)
            sides: dict[str, Callable[[], float]] = {
                name: partial(once, side, train) for name, side in SIDES.items()
            }
            taken = medians(sides, rounds=rounds)
            speed = {side: f"{EPOCHS * len(data) / taken[side]:.0f} examples/s" for side in SIDES}
            found += [
                Ratio(
                    f"gpu.train{batch_size}.{side}",
                    round(taken[side] / taken["ours"], 2),
                    GOALS[batch_size, side],
                    f"{beside}, batch {batch_size}",
                    "times as fast",
                    speed["ours"],
                    speed[side],
                )
                for side, beside in BESIDE.items()
            ]
        return found


def decoding(
    *, dialogues: int, layers: int, d_model: int, new_tokens: int, rounds: int
) -> list[Ratio]:
    """Return how much faster dev is decoded with 4 beams."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decode_speed.write_kobart(folder, layers=layers, d_model=d_model)
        settings = params().generate.model_copy(
            update={"num_beams": 4, "max_new_tokens": new_tokens}
        )
        [found] = decode_speed.compare(
            folder, settings, {"torch": DECODING}, rows=dialogues, rounds=rounds
        )
        return [replace(found, name="gpu.decode")]


if __name__ == "__main__":
    run(measure, quick={"rows": 64, "dialogues": 8, "new_tokens": 8, "rounds": 1})
