"""What a GPU gains: training, decoding and LoRA at KoBART's size beside what people run.

KoBART's size is made on the spot, with random weights; all sides train in bf16 where the card has
it, ours for as many epochs as params.yaml says, of which the first records the graphs, the others
for two: their first, all of new shapes, takes longer than the second. LoRA takes three of both.
Says in one line that there is no GPU where there is none, and measures nothing. Some fifteen
minutes; each figure is printed as it comes.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import datasets
import torch
from transformers import BartForConditionalGeneration

from benchmarks import decode_speed, lora_speed, train_score
from benchmarks.processes import python
from benchmarks.ratio import Ratio, medians, run, seconds
from benchmarks.real_data import encoded, params, read_split
from benchmarks.repository import copy_sources
from benchmarks.trainers import Trainer, ours, padded, plain
from stages.model.device import release_memory
from stages.params import Train

SIDES: dict[str, Trainer] = {"ours": ours, "plain": plain, "padded": padded}
GOALS = {(16, "plain"): 8.0, (50, "plain"): 4.5, (16, "padded"): 3.0, (50, "padded"): 3.0}
"""Rows in a batch and other side → how many times as fast ours should be."""
BESIDE = {
    "plain": "a plain Seq2SeqTrainer",
    "padded": "everything padded to 512 and 100 tokens, as the published baseline",
}
BESIDE_EPOCHS, LORA_EPOCHS = 2.0, 3
DECODING, LORA, REPRO = 4.0, 6.0, 3.0
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "2"}


def measure(
    *,
    rows: int = 2000,
    dialogues: int = 499,
    layers: int = 6,
    d_model: int = 768,
    new_tokens: int = 60,
    rounds: int = 1,
) -> Iterator[Ratio]:
    """Yield the ratios, or none where there is no GPU."""
    if not torch.cuda.is_available():
        print("gpu: there is no GPU here, so nothing is measured", file=sys.stderr)
        return
    yield from training(rows=rows, layers=layers, d_model=d_model, rounds=rounds)
    yield decoding(
        dialogues=dialogues, layers=layers, d_model=d_model, new_tokens=new_tokens, rounds=rounds
    )
    [lora, _] = lora_speed.measure(rows=rows, batch_size=16, epochs=LORA_EPOCHS, rounds=1)
    yield replace(lora, name="gpu.lora", goal=LORA)
    [score] = train_score.measure(rows=rows, dev_rows=dialogues)
    yield replace(score, name="gpu.score")
    yield repro()


def repro(
    changes: Mapping[str, Mapping[str, object]] | None = None,
    *,
    rows: Mapping[str, int] | None = None,
) -> Ratio:
    """Return how much faster the sample's `dvc repro` is than with two threads and no GPU.

    `changes` are other values of whole sections of params.yaml; `rows` are how many of each split
    there are, if not all.
    """
    taken = {}
    for side, variables in (("ours", {}), ("cpu", ON_CPU)):
        with tempfile.TemporaryDirectory() as name:
            folder = copy_sources(Path(name), changes or {}, rows=rows)
            taken[side] = python(folder, "-m", "dvc", "repro", variables=variables).seconds
    return Ratio(
        "gpu.repro",
        round(taken["cpu"] / taken["ours"], 2),
        REPRO,
        "two threads of the same machine's CPU, the sample's dvc repro",
        "times as fast",
        f"{taken['ours']:.0f} s",
        f"{taken['cpu']:.0f} s",
    )


def training(*, rows: int, layers: int, d_model: int, rounds: int) -> Iterator[Ratio]:
    """Yield how many more examples a second are trained, the making of graphs counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        decode_speed.write_kobart(folder, layers=layers, d_model=d_model)
        data = datasets.Dataset.from_dict(encoded(folder, read_split("train", rows)))
        for batch_size in (16, 50):
            changes = {"batch_size": batch_size, "max_steps": 0}
            train = Train.model_validate(params().train.model_dump() | changes)
            for side in SIDES.values():  # kernels are loaded when they are first met
                once(side, data, train.model_copy(update={"max_steps": 2}), folder)
            epochs = {"ours": train.epochs} | dict.fromkeys(BESIDE, BESIDE_EPOCHS)
            taken = medians(
                {
                    name: partial(
                        once, side, data, train.model_copy(update={"epochs": epochs[name]}), folder
                    )
                    for name, side in SIDES.items()
                },
                rounds=rounds,
            )
            speed = {side: epochs[side] * len(data) / taken[side] for side in SIDES}
            for side, beside in BESIDE.items():
                yield Ratio(
                    f"gpu.train{batch_size}.{side}",
                    round(speed["ours"] / speed[side], 2),
                    GOALS[batch_size, side],
                    f"{beside}, batch {batch_size}",
                    "times as fast",
                    f"{speed['ours']:.0f} examples/s",
                    f"{speed[side]:.0f} examples/s",
                )


def once(side: Trainer, data: datasets.Dataset, train: Train, folder: Path) -> float:
    """Return the seconds of one training, with the memory of the last one given back before."""
    release_memory()
    model = BartForConditionalGeneration.from_pretrained(folder)
    return seconds(side(model, data, train, folder).train)


def decoding(*, dialogues: int, layers: int, d_model: int, new_tokens: int, rounds: int) -> Ratio:
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
        return replace(found, name="gpu.decode")


if __name__ == "__main__":
    run(measure, quick={"rows": 64, "dialogues": 8, "new_tokens": 8, "rounds": 1})
