"""How fast training is beside a plain `Seq2SeqTrainer`, and beside the published baseline's way.

Also which share of the machine's matrix-multiply peak it reaches: the multiplications and additions
that the real tokens ask for, to those that `torch.mm` does with 1024 x 1024 matrices in fp32 (on a
GPU in bf16).
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import torch

from benchmarks.ratio import Ratio, medians, run, seconds
from benchmarks.real_data import encoded, params, read_split, train_tokenizer
from benchmarks.trainers import Trainer, ours, padded, plain
from stages.model.device import device, tuning
from stages.model.seq2seq import build_model
from stages.model.tokenizer import read_tokenizer
from stages.params import Model, Train

SIDES: dict[str, Trainer] = {"ours": ours, "plain": plain, "padded": padded}
SIZE, REPEATS = 1024, 20


def measure(
    *, rows: int = 2000, epochs: int = 2, batch_size: int = 16, rounds: int = 3
) -> list[Ratio]:
    """Return the ratios of examples a second, and the share of the peak."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train_tokenizer(folder, vocabulary=params().tokenize.vocab_size)
        data = datasets.Dataset.from_dict(encoded(folder, read_split("train", rows)))
        changes = {"epochs": float(epochs), "batch_size": batch_size, "max_steps": 0}
        train = Train.model_validate(params().train.model_dump() | changes)
        few = Train.model_validate(train.model_dump() | {"max_steps": 2})
        for side in SIDES.values():  # whatever the first steps of a process load and allocate
            train_once(side, data, few, folder)

        def timed(side: Trainer) -> Callable[[], float]:
            return lambda: train_once(side, data, train, folder)

        sides = {name: timed(side) for name, side in SIDES.items()} | {"peak": peak_once}
        found = medians(sides, rounds=rounds)
        work = epochs * training_flops(data, scratch(folder, seed=train.seed).config)
    speed = {side: len(data) * epochs / found[side] for side in SIDES}
    beside = {
        "plain": (2.5, f"a plain Seq2SeqTrainer, batch {batch_size}"),
        "padded": (4, "everything padded to 512 and 100 tokens, as the published baseline"),
    }
    return [
        *(_faster(speed, side, goal, what) for side, (goal, what) in beside.items()),
        _share_of_peak(work / found["ours"], 2 * SIZE**3 * REPEATS / found["peak"]),
    ]


def _faster(speed: Mapping[str, float], side: str, goal: float, what: str) -> Ratio:
    return Ratio(
        f"train_speed.{side}",
        round(speed["ours"] / speed[side], 2),
        goal,
        what,
        "times as fast",
        f"{speed['ours']:.1f} examples/s",
        f"{speed[side]:.1f} examples/s",
    )


def _share_of_peak(reached: float, peak: float) -> Ratio:
    return Ratio(
        "train_speed.peak",
        round(reached / peak, 3),
        None,
        f"torch.mm of {SIZE} x {SIZE} on {torch.get_num_threads()} threads",
        "of the peak",
        f"{reached / 1e9:.1f} GFLOP/s",
        f"{peak / 1e9:.1f} GFLOP/s",
    )


def scratch(folder: Path, *, seed: int) -> Any:
    """Return the scratch model of params.yaml; the same seed gives the same weights."""
    settings = params()
    return build_model(
        Model.model_validate(settings.model.model_dump() | {"name": "scratch"}),
        tokenizer=read_tokenizer(folder),
        positions=settings.tokenize.max_source_tokens,
        seed=seed,
    )


def train_once(side: Trainer, data: datasets.Dataset, train: Train, folder: Path) -> float:
    """Return the seconds that one training takes, its set-up not counted."""
    trainer = side(scratch(folder, seed=train.seed), data, train, folder)
    return seconds(trainer.train)


def peak_once() -> float:
    """Return the seconds of `REPEATS` matrix products."""
    on_gpu = torch.cuda.is_available()
    kind = torch.bfloat16 if on_gpu else torch.float32
    a, b = (torch.randn(SIZE, SIZE, device=device(), dtype=kind) for _ in range(2))

    def multiply() -> None:
        for _ in range(REPEATS):
            torch.mm(a, b)
        if on_gpu:
            torch.cuda.synchronize()

    with tuning(device()).fast_step():  # by the library that training takes
        multiply()
        return seconds(multiply)


def training_flops(data: datasets.Dataset, config: Any) -> int:
    """Return the floating-point operations of an epoch of a BART, padding not counted.

    A matrix of weights costs 2 for each of its values and each token that meets it, forward, and
    twice that backward (Kaplan et al. 2020, https://arxiv.org/abs/2001.08361, section 2.1).
    """
    d, hidden = config.d_model, config.encoder_ffn_dim
    encoder, decoder, vocabulary = config.encoder_layers, config.decoder_layers, config.vocab_size
    forward = 0
    for source, target in zip(map(len, data["input_ids"]), map(len, data["labels"]), strict=True):
        weights = source * (encoder * (4 * d * d + 2 * d * hidden) + decoder * 2 * d * d)
        weights += target * (decoder * (6 * d * d + 2 * d * hidden) + d * vocabulary)
        attention = 2 * d * (encoder * source**2 + decoder * target * (target + source))
        forward += 2 * (weights + attention)
    return 3 * forward


if __name__ == "__main__":
    run(measure, quick={"rows": 64, "epochs": 1, "rounds": 1})
